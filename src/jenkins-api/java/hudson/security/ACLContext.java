package hudson.security;

/** Stand-in: ends acting as somebody else. */
public class ACLContext implements AutoCloseable {
    private final Runnable restore;

    ACLContext(Runnable restore) {
        this.restore = restore;
    }

    @Override
    public void close() {
        restore.run();
    }
}
