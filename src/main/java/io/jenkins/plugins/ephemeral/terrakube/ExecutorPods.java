package io.jenkins.plugins.ephemeral.terrakube;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The Pods of a job's ephemeral executors, looked at to say why nothing happens or what became of one; never changed.
 * They carry the workspace's UUID as a label and the job's number in their name only ({@code job-42-1766501234567-x}).
 */
final class ExecutorPods {
    static final String WORKSPACE = "terrakube.io/workspace";
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final Clusters clusters;
    private final JobSight sight;
    private final Clock clock;
    private long lookedMillis;
    private boolean given;
    private String said = "";
    private String end = "";

    ExecutorPods(Clusters clusters, JobSight sight, Clock clock) {
        this.clusters = clusters;
        this.sight = sight;
        this.clock = clock;
    }

    /** Looks, now and then, and says what changed. */
    void look(TerrakubeClient client) {
        if (clock.millis() < lookedMillis + PERIOD.toMillis()) {
            return;
        }
        List<Pod> pods = pods(client);
        if (!pods.isEmpty()) {
            Pod newest = pods.get(pods.size() - 1);
            String text = text(newest);
            note(newest);
            if (!text.equals(said)) {
                said = text;
                sight.say(text);
            }
        }
    }

    /** What a Pod's end tells that Terrakube does not, a sentence; or empty. */
    String end(TerrakubeClient client) {
        lookedMillis = 0;
        pods(client).forEach(this::note);
        return end;
    }

    /** Names of the Pods that may still be at work. */
    List<String> alive(TerrakubeClient client) {
        lookedMillis = 0;
        List<String> names = new ArrayList<>();
        for (Pod pod : pods(client)) {
            if (!"Succeeded".equals(pod.getStatus().getPhase())
                    && !"Failed".equals(pod.getStatus().getPhase())) {
                names.add(client.connection().namespace()
                        + '/'
                        + pod.getMetadata().getName());
            }
        }
        return names;
    }

    /** The job's Pods, the oldest first; none if they cannot be looked at. */
    private List<Pod> pods(TerrakubeClient client) {
        String cluster = client.connection().cluster();
        TerrakubeState state = sight.state();
        if (given || cluster == null || cluster.isEmpty() || state.workspaceId == null) {
            return List.of();
        }
        lookedMillis = clock.millis();
        try {
            List<Pod> pods = new ArrayList<>(clusters.cluster(cluster)
                    .list(Pod.class, client.connection().namespace(), Map.of(WORKSPACE, state.workspaceId)));
            pods.removeIf(pod ->
                    pod.getStatus() == null || !pod.getMetadata().getName().startsWith("job-" + state.jobId + '-'));
            pods.sort(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()));
            return pods;
        } catch (TransientFault fault) {
            return List.of();
        } catch (Fault fault) {
            given = true;
            sight.say(fault.getMessage() + " So it cannot be told how the executor's Pods fare.");
            return List.of();
        }
    }

    private void note(Pod pod) {
        for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
            ContainerStateTerminated over =
                    container.getState() == null ? null : container.getState().getTerminated();
            if (over != null && over.getExitCode() != null && over.getExitCode() != 0) {
                end = "Its Pod " + pod.getMetadata().getName() + " ended with exit code " + over.getExitCode()
                        + (over.getReason() == null ? "" : " (" + over.getReason() + ")") + ".";
            }
        }
        if (pod.getStatus().getReason() != null) {
            end = "Its Pod " + pod.getMetadata().getName() + ": "
                    + pod.getStatus().getReason()
                    + (pod.getStatus().getMessage() == null
                            ? "."
                            : ", " + pod.getStatus().getMessage());
        }
    }

    private static String text(Pod pod) {
        String name = "executor Pod " + pod.getMetadata().getName();
        for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
            ContainerStateWaiting waiting =
                    container.getState() == null ? null : container.getState().getWaiting();
            if (waiting != null && waiting.getReason() != null) {
                return name + " waits: " + waiting.getReason()
                        + (waiting.getMessage() == null ? "" : ": " + waiting.getMessage());
            }
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if ("PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())) {
                return name + " waits: " + condition.getReason()
                        + (condition.getMessage() == null ? "" : ": " + condition.getMessage());
            }
        }
        String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        return name + " is " + String.valueOf(pod.getStatus().getPhase()).toLowerCase(java.util.Locale.ROOT)
                + (node == null ? "" : " on node " + node);
    }
}
