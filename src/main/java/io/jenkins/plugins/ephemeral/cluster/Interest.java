package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Which changes somebody wants to hear of. */
final class Interest {
    private static final Logger LOGGER = Logger.getLogger(Interest.class.getName());

    private final Class<? extends HasMetadata> type;
    private final String namespace;
    private final Predicate<HasMetadata> concerns;
    private final boolean endOnly;
    private final Observer observer;

    /**
     * @param namespace the namespace the objects are in; for namespaces themselves, the name of the one that is meant
     * @param concerns whether it is about that object; quick, and without calls
     * @param endOnly whether only the end of an object counts
     * @param observer hears of them
     */
    Interest(
            Class<? extends HasMetadata> type,
            String namespace,
            Predicate<HasMetadata> concerns,
            boolean endOnly,
            Observer observer) {
        this.observer = observer;
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

    /** Tells of a change; of any that may have happened if {@code object} is null. */
    void tell(HasMetadata object, boolean deleted) {
        try {
            if (object == null) {
                observer.missed();
            } else {
                observer.changed(object, deleted);
            }
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "a subscriber failed", e);
        }
    }

    /** Whether that change is one of them. */
    boolean isIn(HasMetadata object, boolean deleted) {
        String where = object.getMetadata().getNamespace();
        return (deleted || !endOnly)
                && namespace.equals(where == null ? object.getMetadata().getName() : where)
                && concerns.test(object);
    }
}
