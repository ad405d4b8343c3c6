package io.jenkins.plugins.ephemeral.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.Console;
import java.util.ArrayList;
import java.util.List;

/**
 * Testkube's CustomResourceDefinitions, where an administrator allows to install them: once per cluster, by server-side
 * apply, since the largest does not fit into the annotation of a client-side one. One that is there is left as it is,
 * and none ever belongs to an environment: with a definition all of its resources in the cluster would go.
 */
final class CustomDefinitions {
    /** The kind, as an administrator allows it. */
    static final String KIND = "CustomResourceDefinition";

    private final Cluster cluster;
    private final Console console;
    private final List<Manifest> left;

    CustomDefinitions(Cluster cluster, List<Manifest> definitions, Console console) {
        this.cluster = cluster;
        this.console = console;
        this.left = new ArrayList<>(definitions);
    }

    /** One look; true when all are there and served. */
    boolean proceed() {
        for (Manifest definition : List.copyOf(left)) {
            JsonNode known = read(definition.name());
            if (known == null) {
                install(definition);
            } else if (isEstablished(known)) {
                left.remove(definition);
            }
        }
        return left.isEmpty();
    }

    private JsonNode read(String name) {
        GenericKubernetesResource found =
                cluster.call("reading CustomResourceDefinition", name, client -> client.genericKubernetesResources(
                                ManifestKind.of(KIND).context())
                        .withName(name)
                        .get());
        return found == null ? null : Serialization.jsonMapper().valueToTree(found);
    }

    private void install(Manifest definition) {
        GenericKubernetesResource resource = new GenericKubernetesResource();
        resource.setApiVersion(definition.type().apiVersion());
        resource.setKind(KIND);
        ObjectMeta meta = new ObjectMeta();
        meta.setName(definition.name());
        meta.setAnnotations(definition.strings("annotations"));
        meta.setLabels(definition.strings("labels"));
        resource.setMetadata(meta);
        resource.setAdditionalProperty("spec", definition.content().get("spec"));
        cluster.call(
                "applying CustomResourceDefinition", definition.name(), client -> client.genericKubernetesResources(
                                ManifestKind.of(KIND).context())
                        .resource(resource)
                        .patch(
                                new PatchContext.Builder()
                                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                        .withFieldManager(ClusterWriter.FIELD_MANAGER)
                                        .withForce(false)
                                        .build(),
                                resource));
        console.line("Installed " + definition.id() + " in cluster " + cluster.name()
                + "; it stays when the environment" + " goes.");
    }

    private static boolean isEstablished(JsonNode definition) {
        for (JsonNode condition : definition.at("/status/conditions")) {
            if (condition.path("type").asText().equals("Established")) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }
}
