package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Tells whether a namespace is the one that a record is about. In doubt it is not. */
final class Ownership {
    private Ownership() {}

    /** Whether it carries our labels, the controller's id and this name. */
    static boolean isOurs(Namespace namespace, String controllerId) {
        Map<String, String> labels = namespace.getMetadata().getLabels();
        return labels != null
                && Labels.MANAGED_BY_VALUE.equals(labels.get(Labels.MANAGED_BY))
                && controllerId.equals(labels.get(Labels.CONTROLLER))
                && namespace.getMetadata().getName().equals(labels.get(Labels.ENVIRONMENT));
    }

    /** Whether it was made for exactly this record. */
    static boolean matches(EnvironmentRecord record, Namespace namespace) {
        return isOurs(namespace, record.controllerId)
                && String.valueOf(record.specHash).equals(annotation(namespace, Labels.SPEC_HASH))
                && (record.uid == null
                        || record.uid.equals(namespace.getMetadata().getUid()));
    }

    /** Whether it was made for the branch that this record is about, maybe as something else was asked for. */
    static boolean isOfBranch(EnvironmentRecord record, Namespace namespace) {
        return isOurs(namespace, record.controllerId)
                && Lifetime.BRANCH.name().equals(annotation(namespace, Labels.LIFETIME))
                && record.base.equals(annotation(namespace, Labels.BASE));
    }

    /** What the server says of a deletion that does not come to an end. */
    static String conditions(Namespace namespace) {
        List<NamespaceCondition> conditions = namespace.getStatus() == null
                ? List.of()
                : namespace.getStatus().getConditions();
        String text = conditions.stream()
                .filter(each -> "True".equals(each.getStatus()))
                .map(each -> each.getMessage() == null ? each.getType() : each.getMessage())
                .distinct()
                .collect(Collectors.joining(" "));
        return text.isEmpty() ? ", and the cluster does not say why." : ": " + text;
    }

    /** @throws UserFault naming the owner if it is not this record's, or is on its way out */
    static void demand(EnvironmentRecord record, Namespace namespace) {
        String where = record.cluster + '/' + record.name;
        if (!matches(record, namespace)) {
            throw new UserFault(
                    "creating Namespace",
                    where,
                    "there is a namespace of that name already, which belongs to "
                            + owner(namespace, record.controllerId),
                    "Choose another name, or let its owner delete it.");
        }
        if (namespace.getMetadata().getDeletionTimestamp() != null) {
            throw new UserFault(
                    "creating Namespace",
                    where,
                    "the namespace of that name is still being deleted, since "
                            + namespace.getMetadata().getDeletionTimestamp(),
                    "Wait until it is gone, or choose another name.");
        }
    }

    /**
     * Reads the namespace of a record whose UID is known.
     *
     * @throws LostFault if it is gone, another one, or on its way out
     */
    static Namespace read(Cluster cluster, EnvironmentRecord record) {
        Namespace there = cluster.get(Namespace.class, null, record.name).orElse(null);
        boolean same = there != null && record.uid.equals(there.getMetadata().getUid());
        if (!same || there.getMetadata().getDeletionTimestamp() != null) {
            throw new LostFault(
                    "reading Namespace",
                    record.cluster + '/' + record.name,
                    there == null
                            ? "somebody deleted it"
                            : same ? "somebody is deleting it" : "there is another one of that name now",
                    "Ask for a new environment.");
        }
        return there;
    }

    private static String owner(Namespace namespace, String controllerId) {
        Map<String, String> labels = namespace.getMetadata().getLabels() == null
                ? Map.of()
                : namespace.getMetadata().getLabels();
        String managedBy = labels.get(Labels.MANAGED_BY);
        String controller = labels.get(Labels.CONTROLLER);
        if (Labels.MANAGED_BY_VALUE.equals(managedBy) && controllerId.equals(controller)) {
            return "build " + annotation(namespace, Labels.RUN) + " of this controller";
        }
        if (Labels.MANAGED_BY_VALUE.equals(managedBy)) {
            return "build " + annotation(namespace, Labels.RUN) + " of Jenkins controller " + controller;
        }
        return managedBy == null ? "somebody who left no " + Labels.MANAGED_BY + " label on it" : managedBy;
    }

    private static String annotation(Namespace namespace, String key) {
        Map<String, String> annotations = namespace.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(key);
    }
}
