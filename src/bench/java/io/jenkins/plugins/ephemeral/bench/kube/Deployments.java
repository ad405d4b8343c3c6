package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Change;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.time.Duration;
import java.util.List;

/** Deployments, without the ReplicaSets in between: Pods of the current template, and Available when they are ready. */
final class Deployments {
    private static final String COMPONENT = "deployment-controller";

    private final Resources resources;
    private final ResourceTypes types;
    private final Controllers controllers;
    private final EventRecorder events;

    Deployments(Resources resources, ResourceTypes types, Controllers controllers, EventRecorder events) {
        this.resources = resources;
        this.types = types;
        this.controllers = controllers;
        this.events = events;
    }

    void on(Change change) {
        if (change.type().equals("deployments.apps")) {
            reconcile(Key.of(change.type(), change.object()));
        } else if (change.type().equals("pods")) {
            for (JsonNode owner : change.object().at("/metadata/ownerReferences")) {
                if (Json.text(owner, "/kind").equals("Deployment")) {
                    reconcile(new Key("deployments.apps", Json.namespace(change.object()), Json.text(owner, "/name")));
                }
            }
        }
    }

    private void reconcile(Key key) {
        resources.store().get(key).filter(d -> !Json.deleting(d)).ifPresent(deployment -> {
            String hash = Integer.toHexString(deployment.at("/spec/template").hashCode());
            List<ObjectNode> own = resources.store().list("pods", key.namespace()).stream()
                    .filter(p -> p.at("/metadata/ownerReferences")
                                    .findValuesAsText("uid")
                                    .contains(Json.uid(deployment))
                            && !Json.deleting(p))
                    .toList();
            List<ObjectNode> current = own.stream()
                    .filter(p -> hash.equals(Json.text(p, "/metadata/labels/pod-template-hash")))
                    .toList();
            own.stream().filter(p -> !current.contains(p)).forEach(this::delete);
            int replicas = deployment.at("/spec/replicas").asInt(1);
            current.stream().skip(replicas).forEach(this::delete);
            boolean made = true;
            for (int i = current.size(); i < replicas && made; i++) {
                made = makePod(key, deployment, hash);
            }
            report(key, deployment, current, replicas);
        });
    }

    private void delete(ObjectNode pod) {
        resources.delete(types.named("pods"), Json.namespace(pod), Json.name(pod), Json.object(), Call.CONTROLLER);
    }

    private boolean makePod(Key key, ObjectNode deployment, String hash) {
        ObjectNode pod = deployment.at("/spec/template").deepCopy();
        ObjectNode meta = Json.meta(pod);
        meta.put("generateName", Json.name(deployment) + "-" + hash + "-");
        Json.child(meta, "labels").put("pod-template-hash", hash);
        ObjectNode owner = meta.putArray("ownerReferences").addObject();
        owner.put("apiVersion", "apps/v1").put("kind", "Deployment").put("name", Json.name(deployment));
        owner.put("uid", Json.uid(deployment)).put("controller", true).put("blockOwnerDeletion", true);
        try {
            resources.create(types.named("pods"), key.namespace(), pod, Call.CONTROLLER);
            return true;
        } catch (ApiError refused) {
            events.warning(deployment, COMPONENT, "FailedCreate", "Error creating: " + refused.getMessage());
            resources
                    .store()
                    .updateStatus(
                            key, s -> Json.condition(s, "ReplicaFailure", true, "FailedCreate", refused.getMessage()));
            controllers.later(Duration.ofMillis(200), () -> reconcile(key));
            return false;
        }
    }

    private void report(Key key, ObjectNode deployment, List<ObjectNode> pods, int replicas) {
        long ready = pods.stream().filter(Deployments::isReady).count();
        resources.store().updateStatus(key, status -> {
            status.put(
                    "observedGeneration", deployment.at("/metadata/generation").asLong());
            for (String count : List.of("replicas", "updatedReplicas")) {
                status.put(count, pods.size());
            }
            for (String count : List.of("readyReplicas", "availableReplicas")) {
                status.put(count, ready);
            }
            status.put("unavailableReplicas", replicas - ready);
            boolean available = ready >= replicas;
            Json.condition(
                    status,
                    "Available",
                    available,
                    available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                    available
                            ? "Deployment has minimum availability."
                            : "Deployment does not have minimum availability.");
            Json.condition(
                    status,
                    "Progressing",
                    true,
                    available ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
                    "Deployment \"" + key.name() + "\" "
                            + (available ? "has successfully progressed." : "is progressing."));
        });
    }

    static boolean isReady(JsonNode pod) {
        for (JsonNode condition : pod.at("/status/conditions")) {
            if (Json.text(condition, "/type").equals("Ready")) {
                return Json.text(condition, "/status").equals("True");
            }
        }
        return false;
    }
}
