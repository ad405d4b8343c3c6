package hudson.model;

import java.io.IOException;

/** Stand-in: can be written to disk. */
public interface Saveable {
    Saveable NOOP = () -> {};

    void save() throws IOException;
}
