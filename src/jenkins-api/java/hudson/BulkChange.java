package hudson;

import hudson.model.Saveable;
import java.io.Closeable;
import java.io.IOException;

/** Stand-in: many changes of one object, saved once. */
public class BulkChange implements Closeable {
    private static final ThreadLocal<BulkChange> CURRENT = new ThreadLocal<>();
    private final Saveable saveable;
    private final BulkChange parent;
    private boolean closed;

    public BulkChange(Saveable saveable) {
        this.saveable = saveable;
        this.parent = CURRENT.get();
        CURRENT.set(this);
    }

    public void commit() throws IOException {
        if (!closed) {
            close();
            saveable.save();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            CURRENT.set(parent);
        }
    }

    public void abort() {
        close();
    }

    public static boolean contains(Saveable s) {
        for (BulkChange change = CURRENT.get(); change != null; change = change.parent) {
            if (change.saveable == s) {
                return true;
            }
        }
        return false;
    }
}
