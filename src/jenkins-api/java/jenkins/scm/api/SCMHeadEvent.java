package jenkins.scm.api;

import java.util.Map;

/** Stand-in: an event about a branch, tag or change request. */
public abstract class SCMHeadEvent<P> extends SCMEvent<P> {
    public SCMHeadEvent(Type type, P payload, String origin) {
        super(type, payload, origin);
    }

    public abstract String getSourceName();

    public abstract boolean isMatch(hudson.scm.SCM scm);

    public boolean isMatch(SCMSource source) {
        return !heads(source).isEmpty();
    }

    public abstract Map<SCMHead, SCMRevision> heads(SCMSource source);
}
