package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One container of a Pod: pulls, starts, restarts, and knows its state. All methods run on the controllers' thread. */
final class ContainerRun {
    private static final Duration PULL_RETRY = Duration.ofMillis(300);
    private static final Duration CONFIG_RETRY = Duration.ofMillis(100);

    private final PodRun run;
    private final JsonNode container;
    private final boolean init;
    private String imageId = "";
    private ObjectNode state = waiting("ContainerCreating", "");
    private ObjectNode lastState = Json.object();
    private ContainerProcess process;
    private ContainerLog log;
    private ContainerLog previousLog;
    private boolean asked;
    private boolean ended;
    private boolean probed;
    private int restarts;
    private String reasonOfKill = "";

    ContainerRun(PodRun run, JsonNode container, boolean init) {
        this.run = run;
        this.container = container;
        this.init = init;
        if (!init && !run.pod().at("/spec/initContainers").isEmpty()) {
            state = waiting("PodInitializing", "");
        }
    }

    private static ObjectNode waiting(String reason, String message) {
        ObjectNode state = Json.object();
        Json.put(state.putObject("waiting").put("reason", reason), "message", message);
        return state;
    }

    String name() {
        return Json.text(container, "/name");
    }

    private String image() {
        return Json.text(container, "/image");
    }

    boolean isInit() {
        return init;
    }

    boolean isRunning() {
        return process != null && state.has("running");
    }

    boolean hasEverStarted() {
        return process != null;
    }

    boolean hasEnded() {
        return ended;
    }

    boolean hasSucceeded() {
        return ended && state.at("/terminated/exitCode").asInt(-1) == 0;
    }

    boolean hasFailed() {
        return ended && !hasSucceeded();
    }

    boolean isReady() {
        return isRunning() && probed && run.node().images().canBeReady(image());
    }

    ObjectNode status() {
        ObjectNode status = Json.object().put("name", name());
        status.set("state", state.deepCopy());
        status.set("lastState", lastState.deepCopy());
        status.put("ready", init ? hasSucceeded() : isReady());
        status.put("restartCount", restarts).put("image", image());
        status.put("imageID", imageId);
        status.put("started", isRunning());
        if (process != null) {
            status.put("containerID", "process://" + Json.uid(run.pod()) + "/" + name() + "/" + restarts);
        }
        return status;
    }

    /** The log of the current run, or of the one before it. */
    Optional<ContainerLog> log(boolean previous) {
        return Optional.ofNullable(previous ? previousLog : log);
    }

    String waitingReason() {
        return Json.text(state, "/waiting/reason");
    }

    void startIfNew() {
        if (!asked) {
            asked = true;
            pull();
        }
    }

    private void become(ObjectNode next) {
        if (!state.equals(next)) {
            state = next;
            run.changed();
        }
    }

    private void pull() {
        if (run.isStopping()) {
            return;
        }
        EventRecorder events = run.node().events();
        if (!run.node().images().isValid(image())) {
            String message = "couldn't parse image reference \"" + image() + "\": invalid reference format";
            events.warning(
                    run.pod(),
                    "kubelet",
                    "InspectFailed",
                    "Failed to apply default image tag \"" + image() + "\": " + message);
            become(waiting("InvalidImageName", "Failed to apply default image tag \"" + image() + "\": " + message));
        } else if (run.node().images().canPull(image())) {
            if (Json.text(container, "/imagePullPolicy").equals("Always")) {
                events.normal(run.pod(), "kubelet", "Pulling", "Pulling image \"" + image() + "\"");
                events.normal(run.pod(), "kubelet", "Pulled", "Successfully pulled image \"" + image() + "\"");
            } else {
                events.normal(
                        run.pod(),
                        "kubelet",
                        "Pulled",
                        "Container image \"" + image() + "\" already present on machine");
            }
            launch();
        } else if (Json.text(container, "/imagePullPolicy").equals("Never")) {
            String message = "Container image \"" + image() + "\" is not present with pull policy of Never";
            events.warning(run.pod(), "kubelet", "ErrImageNeverPull", message);
            become(waiting("ErrImageNeverPull", message));
        } else {
            failToPull();
        }
    }

    private void failToPull() {
        EventRecorder events = run.node().events();
        String why = "rpc error: code = NotFound desc = failed to pull and unpack image \"" + image()
                + "\": failed to resolve reference \"" + image() + "\": not found";
        events.normal(run.pod(), "kubelet", "Pulling", "Pulling image \"" + image() + "\"");
        events.warning(run.pod(), "kubelet", "Failed", "Failed to pull image \"" + image() + "\": " + why);
        events.warning(run.pod(), "kubelet", "Failed", "Error: ErrImagePull");
        become(waiting("ErrImagePull", why));
        run.node().controllers().later(PULL_RETRY, () -> {
            if (!run.isStopping()) {
                events.normal(run.pod(), "kubelet", "BackOff", "Back-off pulling image \"" + image() + "\"");
                events.warning(run.pod(), "kubelet", "Failed", "Error: ImagePullBackOff");
                become(waiting("ImagePullBackOff", "Back-off pulling image \"" + image() + "\""));
                run.node().controllers().later(PULL_RETRY.multipliedBy(3), this::pull);
            }
        });
    }

    private void launch() {
        if (run.isStopping()) {
            return;
        }
        try {
            JsonNode pod = run.node()
                    .store()
                    .get(Store.Key.of("pods", run.pod()))
                    .map(JsonNode.class::cast)
                    .orElse(run.pod());
            ContainerEnvironment environment =
                    new ContainerEnvironment(run.node().store(), pod, container);
            Path root = run.files().makeRoot(container, run.node().tokenFor(run.pod()));
            ContainerLog next = new ContainerLog();
            List<String> entrypoint = run.node().images().entrypointOf(image());
            Map<String, String> host = run.node().environment(run.pod());
            imageId = run.node().images().id(image());
            process = new ContainerProcess(container, entrypoint, environment, root, host, next, exited -> run.node()
                    .controllers()
                    .soon(() -> exited(exited)));
            previousLog = log;
            log = next;
            started();
        } catch (PodFiles.Missing missing) {
            run.node().events().warning(run.pod(), "kubelet", "Failed", "Error: " + missing.getMessage());
            become(waiting("CreateContainerConfigError", missing.getMessage()));
            run.node().controllers().later(CONFIG_RETRY, this::launch);
        } catch (IOException cannotStart) {
            cannotStart(cannotStart);
        }
    }

    private void started() {
        EventRecorder events = run.node().events();
        events.normal(run.pod(), "kubelet", "Created", "Created container " + name());
        events.normal(run.pod(), "kubelet", "Started", "Started container " + name());
        ObjectNode next = Json.object();
        next.putObject("running").put("startedAt", Json.now());
        JsonNode exec = container.at("/readinessProbe/exec/command");
        probed = exec.isMissingNode();
        become(next);
        if (!probed) {
            probe(process);
        }
    }

    /** Runs an exec readiness probe until it succeeds; network probes succeed at once, a process has no address of its own. */
    private void probe(ContainerProcess probedProcess) {
        if (process != probedProcess || !isRunning()) {
            return;
        }
        List<String> command = Json.textList(container.at("/readinessProbe/exec/command"));
        run.node().probe(run, container, command, succeeded -> {
            if (succeeded && process == probedProcess) {
                probed = true;
                run.changed();
            } else {
                run.node().controllers().later(Duration.ofMillis(200), () -> probe(probedProcess));
            }
        });
    }

    private void cannotStart(IOException why) {
        String now = Json.now();
        ObjectNode next = Json.object();
        next.putObject("terminated")
                .put("exitCode", 128)
                .put("reason", "StartError")
                .put(
                        "message",
                        "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
                                + why.getMessage() + ": executable file not found in $PATH: unknown")
                .put("startedAt", "1970-01-01T00:00:00Z")
                .put("finishedAt", now);
        run.node().events().warning(run.pod(), "kubelet", "Failed", "Error: " + Json.text(next, "/terminated/message"));
        log = new ContainerLog();
        log.end();
        endedWith(next);
    }

    private void exited(ContainerProcess exited) {
        if (exited != process) {
            return;
        }
        int code = exited.exitCode();
        String reason = !reasonOfKill.isEmpty() ? reasonOfKill : code == 0 ? "Completed" : "Error";
        ObjectNode next = Json.object();
        next.set("terminated", PodRun.terminated(exited, reason, message(exited, code), Instant.now()));
        endedWith(next);
    }

    private String message(ContainerProcess exited, int code) {
        String message = exited.message();
        boolean fallback = Json.text(container, "/terminationMessagePolicy").equals("FallbackToLogsOnError");
        if (!message.isEmpty() || code == 0 || !fallback) {
            return message;
        }
        List<ContainerLog.Line> lines = log.lines();
        String tail = String.join(
                "\n",
                lines.subList(Math.max(0, lines.size() - 80), lines.size()).stream()
                        .map(ContainerLog.Line::text)
                        .toList());
        return tail.substring(Math.max(0, tail.length() - 2048));
    }

    private void endedWith(ObjectNode terminated) {
        boolean failed = terminated.at("/terminated/exitCode").asInt() != 0;
        String policy = run.restartPolicy();
        boolean again = !run.isStopping() && (failed ? !policy.equals("Never") : policy.equals("Always") && !init);
        probed = false;
        if (!again) {
            ended = true;
            state = terminated;
            run.changed();
            return;
        }
        restarts++;
        lastState = terminated;
        Duration pause = Duration.ofMillis(Math.min(5000, 200L << Math.min(5, restarts - 1)));
        run.node().events().warning(run.pod(), "kubelet", "BackOff", "Back-off restarting failed container");
        become(waiting(
                "CrashLoopBackOff",
                "back-off " + pause.toMillis() + "ms restarting failed container=" + name() + " pod="
                        + Json.name(run.pod()) + "_" + Json.namespace(run.pod()) + "(" + Json.uid(run.pod()) + ")"));
        run.node().controllers().later(pause, this::launch);
    }

    void terminate() {
        if (process != null) {
            process.terminate();
        }
    }

    void kill() {
        if (process != null && process.isRunning()) {
            process.kill();
        }
    }

    /** Ends the container as the kernel does when its memory limit is reached. */
    void killForMemory() {
        reasonOfKill = "OOMKilled";
        kill();
    }
}
