package jenkins.scm.api;

import hudson.model.Actionable;
import hudson.model.InvisibleAction;
import java.util.Objects;

/** Stand-in: which revision a build is of. */
public class SCMRevisionAction extends InvisibleAction {
    private final SCMRevision revision;
    private final String sourceId;

    public SCMRevisionAction(SCMSource source, SCMRevision revision) {
        this.revision = revision;
        this.sourceId = source.getId();
    }

    public SCMRevision getRevision() {
        return revision;
    }

    public String getSourceId() {
        return sourceId;
    }

    public static SCMRevision getRevision(SCMSource source, Actionable actionable) {
        for (SCMRevisionAction a : actionable.getActions(SCMRevisionAction.class)) {
            if (a.sourceId == null || Objects.equals(a.sourceId, source.getId())) {
                return a.revision;
            }
        }
        return null;
    }
}
