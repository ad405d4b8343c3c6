package hudson;

import java.io.IOException;

/** Stand-in: a failure whose message says all; no stack trace is shown. */
public class AbortException extends IOException {
    private static final long serialVersionUID = 1L;

    public AbortException() {}

    public AbortException(String message) {
        super(message);
    }
}
