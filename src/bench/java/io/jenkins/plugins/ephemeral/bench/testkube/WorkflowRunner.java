package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the steps of one execution as local processes, in the place of Testkube's runner and its Pods. */
final class WorkflowRunner {
    private static final String ENVIRONMENT = "Cannot resolve environment variable";

    private final ControlPlaneSettings settings;
    private final Artifacts artifacts;
    private final Execution execution;
    private final Step root;
    private final Map<String, String> variables;
    private final StandInAgents standIns;
    private volatile StepProcess current;
    private Sandbox sandbox;
    private int commands;

    /** @param variables the request's runtime variables */
    WorkflowRunner(
            ControlPlaneSettings settings,
            Artifacts artifacts,
            Execution execution,
            Step root,
            Map<String, String> variables,
            StandInAgents standIns) {
        this.settings = settings;
        this.artifacts = artifacts;
        this.execution = execution;
        this.root = root;
        this.variables = variables;
        this.standIns = standIns;
    }

    void run() {
        try (Sandbox own = new Sandbox()) {
            sandbox = own;
            if (execution.beginInitialization(this::kill) && initialize()) {
                runChildren(root, null);
            }
        } catch (IOException | RuntimeException e) {
            // as when the init process of a Pod dies: the run ends and says why
            execution.endInitialization("failed", e.toString());
        } catch (InterruptedException e) {
            // the control plane closes: the agent is gone, the execution stays as it is
            kill();
            Thread.currentThread().interrupt();
            return;
        }
        execution.finish();
    }

    private void kill() {
        StepProcess process = current;
        if (process != null) {
            process.kill();
        }
    }

    private boolean initialize() throws IOException {
        execution.log(null, "Configuring state");
        Optional<String> image = unpullable(root);
        if (image.isPresent()) {
            execution.endInitialization(
                    "failed", "Failed to pull image \"" + image.get() + "\": ImagePullBackOff: not found");
            return false;
        }
        mountWorkingDirectories(root);
        sandbox.write(root.files);
        ObjectNode pod = Json.object().put("ref", "tktw-init").put("name", "pod");
        pod.putObject("value").put("name", execution.id + "-local").put("agent", "embedded");
        execution.output(pod);
        execution.endInitialization("passed", "");
        return true;
    }

    private Optional<String> unpullable(Step step) {
        String image = step.container.path("image").asText("");
        if (settings.unpullableImages.contains(image)) {
            return Optional.of(image);
        }
        return step.children.stream()
                .map(this::unpullable)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private void mountWorkingDirectories(Step step) {
        sandbox.mount(step.workingDir());
        step.files.forEach(file -> sandbox.mount(file.path("path").asText()));
        step.children.forEach(this::mountWorkingDirectories);
    }

    /** Runs steps one after the other; @return whether all required ones are good. */
    private boolean runChildren(Step group, Instant deadline) throws IOException, InterruptedException {
        boolean good = true;
        for (Step step : group.children) {
            if (execution.aborting()) {
                return false;
            }
            if (applies(step.condition, good)) {
                runStep(step, deadline);
                good &= step.optional || execution.isGood(step);
            } else {
                execution.endStep(step, "skipped", 0);
            }
        }
        return good;
    }

    private static boolean applies(String condition, boolean good) {
        return switch (condition) {
            case "always", "true" -> true;
            case "never", "false" -> false;
            case "failed", "error" -> !good;
            default -> good;
        };
    }

    private void runStep(Step step, Instant outerDeadline) throws IOException, InterruptedException {
        Instant deadline = earlier(step.timeout, outerDeadline);
        sandbox.write(step.files);
        execution.beginStep(step);
        if (step.operation == null) {
            boolean good = runChildren(step, deadline);
            if (!execution.aborting()) {
                boolean late = !good && expired(deadline);
                execution.endStep(step, late ? "timeout" : good != step.negative ? "passed" : "failed", 0);
            }
            return;
        }
        Result result = attempt(step, deadline);
        for (int retry = 1; retry <= step.retries && !result.good() && !execution.aborting(); retry++) {
            execution.log(step, "");
            String reason = result.late() ? "Timed out" : "Exit code: " + result.exitCode();
            execution.log(step, reason + " • Retrying: attempt #" + retry + " (of " + step.retries + "):");
            result = attempt(step, earlier(step.timeout, outerDeadline));
        }
        if (!execution.aborting()) {
            String status = result.late() ? "timeout" : result.good() ? "passed" : "failed";
            execution.endStep(step, status, result.exitCode());
        }
    }

    /** @param good whether the step passed, its negation considered */
    private record Result(boolean good, boolean late, int exitCode) {}

    private static Instant earlier(Duration timeout, Instant outer) {
        Instant own = timeout == null ? null : Instant.now().plus(timeout);
        return own == null || (outer != null && outer.isBefore(own)) ? outer : own;
    }

    private static boolean expired(Instant deadline) {
        return deadline != null && !Instant.now().isBefore(deadline);
    }

    private Result attempt(Step step, Instant deadline) throws IOException, InterruptedException {
        if (step.operation == Step.Operation.UPLOAD) {
            upload(step);
            return new Result(!step.negative, false, 0);
        }
        try {
            StepProcess process = start(step);
            current = process;
            if (execution.aborting()) {
                process.kill();
            }
            Duration left = deadline == null ? null : Duration.between(Instant.now(), deadline);
            boolean inTime = process.await(left);
            boolean success = process.exitCode() == 0;
            return new Result(inTime && success != step.negative, !inTime, process.exitCode());
        } catch (SpecificationError e) {
            execution.log(step, e.getMessage());
            return new Result(false, false, 155);
        } finally {
            current = null;
        }
    }

    private StepProcess start(Step step) throws IOException {
        String agent = execution.runnerId();
        if (standIns.isPolling(agent) && step.operation == Step.Operation.COMMAND) {
            String image = step.container.path("image").asText("busybox:1.35");
            return standIns.start(
                    agent,
                    execution.id + "-" + ++commands,
                    image,
                    step.command,
                    step.container.path("env").isArray()
                            ? step.container.path("env")
                            : JsonNodeFactory.instance.arrayNode(),
                    line -> execution.log(step, line));
        }
        Map<String, String> environment = environment(step);
        List<String> command = new ArrayList<>();
        if (step.operation == Step.Operation.DELAY) {
            command.addAll(List.of("sleep", String.valueOf(step.delay.toMillis() / 1000.0)));
        }
        for (String part : step.command) {
            command.add(sandbox.inside(resolved(part, environment)));
        }
        Path directory = sandbox.directory(step.workingDir());
        return new LocalProcess(command, directory, environment, line -> execution.log(step, sandbox.outside(line)));
    }

    private static String resolved(String text, Map<String, String> environment) {
        return Expressions.unquote(Expressions.resolve(text, "env.", environment, ENVIRONMENT));
    }

    private Map<String, String> environment(Step step) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CI", "1");
        environment.put("HOME", sandbox.root().toString());
        environment.put("TMPDIR", sandbox.root().resolve("tmp").toString());
        for (JsonNode variable : step.container.path("env")) {
            String name = variable.path("name").asText();
            if (variable.has("valueFrom")) {
                throw new SpecificationError(
                        ENVIRONMENT, name + ": the embedded control plane reads no Secrets or ConfigMaps");
            }
            environment.put(name, sandbox.inside(resolved(variable.path("value").asText(""), environment)));
        }
        environment.putAll(variables);
        return environment;
    }

    private void upload(Step step) throws IOException {
        List<String> patterns = new ArrayList<>();
        step.artifacts.path("paths").forEach(path -> patterns.add(path.asText()));
        ArtifactSearch search = new ArtifactSearch(step.workingDir(), patterns);
        execution.log(step, "Root: " + search.root());
        Map<String, Path> found = search.find(sandbox);
        for (Map.Entry<String, Path> file : found.entrySet()) {
            artifacts.add(execution.id, file.getKey(), file.getValue());
            execution.log(step, file.getKey());
            if (settings.reports) {
                JunitSummary.of(file.getKey(), file.getValue()).ifPresent(summary -> {
                    ObjectNode report = Json.object().put("ref", step.ref).put("kind", "junit");
                    report.put("file", file.getKey()).set("summary", summary);
                    execution.report(report);
                });
            }
        }
        execution.log(step, "Found and uploaded " + found.size() + " files.");
    }
}
