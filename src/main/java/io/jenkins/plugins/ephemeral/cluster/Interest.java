package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.function.Predicate;

/** Which changes somebody wants to hear of. */
final class Interest {
    private final Class<? extends HasMetadata> type;
    private final String namespace;
    private final Predicate<HasMetadata> concerns;
    private final boolean endOnly;

    /**
     * @param namespace the namespace the objects are in; for namespaces themselves, the name of the one that is meant
     * @param concerns whether it is about that object; quick, and without calls
     * @param endOnly whether only the end of an object counts
     */
    Interest(Class<? extends HasMetadata> type, String namespace, Predicate<HasMetadata> concerns, boolean endOnly) {
        this.type = type;
        this.namespace = namespace;
        this.concerns = concerns;
        this.endOnly = endOnly;
    }

    Class<? extends HasMetadata> type() {
        return type;
    }

    String namespace() {
        return namespace;
    }

    /** Whether that change is one of them. */
    boolean isIn(HasMetadata object, boolean deleted) {
        String where = object.getMetadata().getNamespace();
        return (deleted || !endOnly)
                && namespace.equals(where == null ? object.getMetadata().getName() : where)
                && concerns.test(object);
    }
}
