package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One Pod on the node, from its volumes to its last exit code. All methods run on the controllers' thread. */
final class PodRun {
    private static final Duration RETRY = Duration.ofMillis(100);

    private final Kubelet node;
    private final Key key;
    private final ObjectNode pod;
    private final PodFiles files;
    private final Map<String, ContainerRun> containers = new LinkedHashMap<>();
    private boolean failedMount;
    private boolean stopping;
    private boolean over;

    PodRun(Kubelet node, ObjectNode pod) {
        this.node = node;
        this.pod = pod;
        key = Key.of("pods", pod);
        files = new PodFiles(node.store(), node.directory(Json.uid(pod)), Json.namespace(pod));
        pod.at("/spec/initContainers")
                .forEach(c -> containers.put(Json.text(c, "/name"), new ContainerRun(this, c, true)));
        pod.at("/spec/containers")
                .forEach(c -> containers.put(Json.text(c, "/name"), new ContainerRun(this, c, false)));
    }

    Kubelet node() {
        return node;
    }

    ObjectNode pod() {
        return pod;
    }

    PodFiles files() {
        return files;
    }

    Optional<ContainerRun> container(String name) {
        return Optional.ofNullable(containers.get(name));
    }

    boolean isStopping() {
        return stopping || over;
    }

    void start() {
        node.store().updateStatus(key, status -> status.put("startTime", Json.now()));
        JsonNode deadline = pod.at("/spec/activeDeadlineSeconds");
        if (deadline.isNumber()) {
            node.controllers().later(Duration.ofSeconds(deadline.asLong()), this::pastDeadline);
        }
        mount();
    }

    private void mount() {
        if (isStopping()) {
            return;
        }
        try {
            files.makeVolumes(pod);
            report();
            advance();
        } catch (PodFiles.Missing missing) {
            if (!failedMount) {
                failedMount = true;
                node.events()
                        .warning(
                                pod,
                                "kubelet",
                                "FailedMount",
                                "MountVolume.SetUp failed for volume : " + missing.getMessage());
                report();
            }
            node.controllers().later(RETRY, this::mount);
        }
    }

    /** Starts what may start now: the next init container, or all others once those are done. */
    void advance() {
        if (isStopping()) {
            return;
        }
        for (ContainerRun container : containers.values()) {
            if (container.isInit() && !container.hasSucceeded()) {
                container.startIfNew();
                return;
            }
        }
        containers.values().stream().filter(c -> !c.isInit()).forEach(ContainerRun::startIfNew);
    }

    /** A container ended for good, or changed its state: says so in the status, and finishes the Pod when all have ended. */
    void changed() {
        report();
        if (stopping && containers.values().stream().noneMatch(ContainerRun::isRunning)) {
            finish();
        } else if (!stopping && !over) {
            String phase = phase();
            if (phase.equals("Succeeded") || phase.equals("Failed")) {
                over = true;
            } else {
                advance();
            }
        }
    }

    String restartPolicy() {
        return Json.text(pod, "/spec/restartPolicy");
    }

    private List<ContainerRun> main() {
        return containers.values().stream().filter(c -> !c.isInit()).toList();
    }

    private String phase() {
        boolean initFailed = containers.values().stream().anyMatch(c -> c.isInit() && c.hasFailed());
        if (initFailed) {
            return "Failed";
        }
        if (main().stream().allMatch(ContainerRun::hasEnded)) {
            return main().stream().allMatch(ContainerRun::hasSucceeded) ? "Succeeded" : "Failed";
        }
        return main().stream().anyMatch(ContainerRun::hasEverStarted) ? "Running" : "Pending";
    }

    private void report() {
        boolean initialized = containers.values().stream().allMatch(c -> !c.isInit() || c.hasSucceeded());
        String phase = over ? Json.text(current(), "/status/phase") : phase();
        boolean done = phase.equals("Succeeded");
        boolean ready = initialized && !done && main().stream().allMatch(ContainerRun::isReady);
        node.store().updateStatus(key, status -> {
            status.put("phase", phase);
            status.put("hostIP", "127.0.0.1").put("podIP", "127.0.0.1");
            String reason = done ? "PodCompleted" : "";
            Json.condition(status, "Initialized", initialized, initialized ? reason : "ContainersNotInitialized", "");
            for (String type : List.of("Ready", "ContainersReady")) {
                Json.condition(status, type, ready, ready ? "" : done ? reason : "ContainersNotReady", "");
            }
            status.remove(List.of("initContainerStatuses", "containerStatuses"));
            containers.values().forEach(c -> Json.list(
                            status, c.isInit() ? "initContainerStatuses" : "containerStatuses")
                    .add(c.status()));
        });
    }

    private JsonNode current() {
        return node.store().get(key).map(JsonNode.class::cast).orElseGet(Json::object);
    }

    private void pastDeadline() {
        if (!isStopping()) {
            fail("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        }
    }

    /** Ends the Pod from the node's side, as an eviction or a deadline does. */
    void fail(String reason, String message) {
        over = true;
        containers.values().forEach(ContainerRun::kill);
        node.store().updateStatus(key, status -> {
            status.put("phase", "Failed").put("reason", reason).put("message", message);
            Json.condition(status, "Ready", false, "PodFailed", "");
        });
    }

    /** SIGTERM now, SIGKILL after the grace period, and then the Pod is removed. */
    void stop(long graceSeconds) {
        if (stopping) {
            node.controllers().later(Duration.ofSeconds(graceSeconds), this::kill);
            return;
        }
        stopping = true;
        for (ContainerRun container : containers.values()) {
            if (container.isRunning()) {
                node.events().normal(pod, "kubelet", "Killing", "Stopping container " + container.name());
                container.terminate();
            }
        }
        node.controllers().later(Duration.ofSeconds(graceSeconds), this::kill);
        if (containers.values().stream().noneMatch(ContainerRun::isRunning)) {
            finish();
        }
    }

    void kill() {
        over = true;
        containers.values().forEach(ContainerRun::kill);
    }

    private void finish() {
        if (stopping && !over) {
            over = true;
            node.store().updateStatus(key, status -> {
                if (!List.of("Succeeded", "Failed").contains(Json.text(status, "/phase"))) {
                    boolean succeeded = main().stream().allMatch(ContainerRun::hasSucceeded);
                    status.put("phase", succeeded ? "Succeeded" : "Failed");
                }
            });
        }
        node.remove(pod);
    }

    static ObjectNode terminated(ContainerProcess process, String reason, String message, Instant finished) {
        ObjectNode state = Json.object().put("exitCode", process.exitCode()).put("reason", reason);
        Json.put(state, "message", message);
        state.put(
                "startedAt",
                process.started()
                        .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                        .toString());
        state.put(
                "finishedAt",
                finished.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
        return state;
    }
}
