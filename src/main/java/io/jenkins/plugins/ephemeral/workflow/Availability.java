package io.jenkins.plugins.ephemeral.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Waits until what was applied is available: bounded, with a line per change, and the reason when it is not. */
final class Availability {
    private static final Set<String> WORKLOADS = Set.of("Deployment", "StatefulSet", "DaemonSet", "Job");

    private final Cluster cluster;
    private final NamespaceRef environment;
    private final Console console;
    private final List<Manifest> waiting = new ArrayList<>();
    private final Map<Manifest, String> said = new HashMap<>();

    Availability(Cluster cluster, NamespaceRef environment, List<Manifest> manifests, Console console) {
        this.cluster = cluster;
        this.environment = environment;
        this.console = console;
        manifests.stream().filter(each -> WORKLOADS.contains(each.kind())).forEach(waiting::add);
    }

    /**
     * Looks once.
     *
     * @param late whether the bound is over
     * @return whether all are available
     * @throws UserFault if one is not and will not be, or not in time; with the reason that its Pods give
     */
    boolean look(boolean late) {
        for (Manifest manifest : List.copyOf(waiting)) {
            JsonNode workload = read(manifest);
            String state = state(manifest.kind(), workload);
            if (state == null) {
                console.line(manifest.id() + " is available.");
                waiting.remove(manifest);
                continue;
            }
            WorkloadDiagnosis diagnosis = WorkloadDiagnosis.of(cluster, environment, workload, late);
            String text = state + (diagnosis.text().isEmpty() ? "" : "; " + diagnosis.text());
            if (late || diagnosis.isHopeless()) {
                throw new UserFault(
                        "waiting for " + manifest.id(),
                        environment.toString() + ", from " + manifest.place(),
                        (diagnosis.isHopeless() ? "it cannot become available: " : "it is not available in time: ")
                                + text,
                        "Correct it, or give it more time with timeout.");
            }
            if (!text.equals(said.put(manifest, text))) {
                console.line(manifest.id() + ": " + text);
            }
        }
        return waiting.isEmpty();
    }

    /** What it waits for, for the step's status. */
    String status() {
        List<String> ids = new ArrayList<>();
        waiting.forEach(manifest -> ids.add(manifest.id()));
        return "waiting for " + String.join(", ", ids);
    }

    private JsonNode read(Manifest manifest) {
        GenericKubernetesResource found = cluster.call(
                "reading " + manifest.kind(),
                environment.namespace() + '/' + manifest.name(),
                client -> client.genericKubernetesResources(manifest.type().context())
                        .inNamespace(environment.namespace())
                        .withName(manifest.name())
                        .get());
        if (found == null) {
            throw new LostFault(
                    "waiting for " + manifest.id(),
                    environment.toString(),
                    "it is not there any more",
                    "Somebody or something deleted it.");
        }
        return Serialization.jsonMapper().valueToTree(found);
    }

    /** What is still missing, or null if nothing is. Source: Kubernetes 1.31, {@code kubectl rollout status}. */
    static String state(String kind, JsonNode workload) {
        JsonNode status = workload.path("status");
        if (kind.equals("Job")) {
            return has(status, "Complete") ? null : has(status, "Failed") ? "it failed" : "it is not complete";
        }
        long generation = workload.at("/metadata/generation").asLong();
        if (status.path("observedGeneration").asLong() < generation) {
            return "the cluster has not looked at it yet";
        }
        boolean daemons = kind.equals("DaemonSet");
        int wanted = daemons
                ? status.path("desiredNumberScheduled").asInt()
                : workload.at("/spec/replicas").asInt(1);
        int updated = status.path(daemons ? "updatedNumberScheduled" : "updatedReplicas")
                .asInt();
        int ready = status.path(daemons ? "numberAvailable" : "readyReplicas").asInt();
        if (kind.equals("Deployment")) {
            ready = status.path("availableReplicas").asInt();
            if (status.path("replicas").asInt() > updated && updated >= wanted) {
                return "Pods of an earlier version are still there";
            }
        }
        if (kind.equals("StatefulSet") && onDelete(workload)) {
            updated = wanted;
        }
        return updated >= wanted && ready >= wanted
                ? null
                : Math.min(updated, ready) + " of " + wanted + " Pods are available";
    }

    private static boolean onDelete(JsonNode workload) {
        return workload.at("/spec/updateStrategy/type").asText().equals("OnDelete");
    }

    private static boolean has(JsonNode status, String condition) {
        for (JsonNode each : status.path("conditions")) {
            if (each.path("type").asText().equals(condition)) {
                return each.path("status").asText().equals("True");
            }
        }
        return false;
    }
}
