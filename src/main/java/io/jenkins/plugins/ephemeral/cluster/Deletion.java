package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Deletes with a UID precondition, which the client's own delete cannot carry. */
final class Deletion {
    private Deletion() {}

    static boolean of(
            KubernetesClient client,
            Class<? extends HasMetadata> type,
            String namespace,
            String name,
            String uid,
            long gracePeriodSeconds,
            DeletionPropagation propagation) {
        ResourceDefinitionContext kind = ResourceDefinitionContext.fromResourceType(type);
        return of(client, kind, namespace, name, uid, gracePeriodSeconds, propagation);
    }

    static boolean of(
            KubernetesClient client,
            ResourceDefinitionContext kind,
            String namespace,
            String name,
            String uid,
            long gracePeriodSeconds,
            DeletionPropagation propagation) {
        String group = kind.getGroup();
        String version = kind.getVersion();
        String uri = (group == null || group.isEmpty() ? "/api/" + version : "/apis/" + group + '/' + version)
                + (namespace == null ? "" : "/namespaces/" + namespace)
                + '/'
                + kind.getPlural()
                + '/'
                + name;
        return at(client, uri, uid, gracePeriodSeconds, propagation);
    }

    /** @param uri path of the object */
    static boolean at(
            KubernetesClient client, String uri, String uid, long gracePeriodSeconds, DeletionPropagation propagation) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withPropagationPolicy(propagation.toString())
                .withPreconditions(Cluster.onlyUid(uid))
                .build();
        if (gracePeriodSeconds >= 0) {
            options.setGracePeriodSeconds(gracePeriodSeconds);
        }
        try {
            client.raw(uri, "DELETE", Serialization.asJson(options));
            return true;
        } catch (KubernetesClientException e) {
            // 409: another object of that name; the one we mean is gone
            if (e.getCode() == 404 || e.getCode() == 409 && Faults.isPreconditionFailed(e)) {
                return false;
            }
            throw e;
        }
    }
}
