package io.jenkins.plugins.ephemeral.environment;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something outside the namespace that was made for an environment and must be undone before the namespace goes, such
 * as an agent in a control plane. Written into the record before the thing is made.
 */
public final class Obligation implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Kind, by which its {@link Undoer} is found: {@code testkube-agent}. */
    public String kind;

    /** Key that is unique in the environment. */
    public String key;

    /** Whatever the undoer needs to find the thing again, without secrets. */
    public Map<String, String> details = new LinkedHashMap<>();

    /** Whether the namespace has to stay, however long, until this is taken back or undone. */
    public boolean holdsNamespace;

    /** Last reason why undoing it did not work yet; null if there is none. */
    public String trouble;

    /** Whether it is about the same thing. */
    public boolean isSame(Obligation other) {
        return kind.equals(other.kind) && key.equals(other.key);
    }
}
