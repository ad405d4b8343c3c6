package jenkins.scm.api;

/** Stand-in: something that a source code management system told. */
public abstract class SCMEvent<P> {
    private final Type type;
    private final P payload;
    private final String origin;

    public SCMEvent(Type type, P payload, String origin) {
        this.type = type;
        this.payload = payload;
        this.origin = origin;
    }

    public Type getType() {
        return type;
    }

    public P getPayload() {
        return payload;
    }

    public String getOrigin() {
        return origin;
    }

    /** What happened to it. */
    public enum Type {
        CREATED,
        UPDATED,
        REMOVED
    }
}
