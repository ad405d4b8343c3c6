package io.jenkins.plugins.ephemeral.bench.terrakube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** Moves jobs on, a little at each tick, as Terrakube's scheduler and its executors do together. */
final class Executors {
    private Executors() {}

    /** One tick. */
    static void tick(Collection<SimulatedJob> jobs) {
        for (SimulatedJob job : jobs) {
            boolean behind = jobs.stream()
                    .anyMatch(other -> other.workspace == job.workspace && other.id < job.id && !other.isOver());
            switch (job.status) {
                case "pending" -> {
                    if (!behind) {
                        pending(job);
                    }
                }
                case "approved" -> dispatch(job);
                case "queue" -> queued(job);
                case "running" -> running(job);
                case "cancelled" -> revive(job);
                default -> {}
            }
        }
    }

    private static void pending(SimulatedJob job) {
        if (!job.initialized) {
            initialize(job);
            return;
        }
        SimulatedJob.Step step = job.next();
        if (step == null) {
            job.status = "completed";
        } else if (step.type.equals("approval")) {
            job.status = "waitingApproval";
            job.approvalTeam = step.team;
        } else if (step.type.equals("yamlError")) {
            job.status = "failed";
            job.endSteps("failed");
        } else {
            dispatch(job);
        }
    }

    private static void dispatch(SimulatedJob job) {
        job.status = "queue";
        job.logged = 0;
    }

    private static void queued(SimulatedJob job) {
        if (!job.workspace.heldInQueue) {
            job.status = "running";
            job.next().status = "running";
        }
    }

    /** The executor of a Pod that was pending refuses only rejected jobs. */
    private static void revive(SimulatedJob job) {
        if (job.workspace.deafToCancel && !job.workspace.heldInQueue && job.first("running") != null) {
            job.status = "running";
        }
    }

    private static void running(SimulatedJob job) {
        SimulatedJob.Step step = job.first("running");
        List<String> lines = lines(job, step);
        if (job.logged < lines.size()) {
            for (int i = 0; i < job.workspace.linesPerTick && job.logged < lines.size(); i++) {
                String line = lines.get(job.logged++);
                if (job.workspace.liveLogs) {
                    job.log(line);
                }
            }
        } else if (!job.workspace.held) {
            finish(job, step, lines);
        }
    }

    private static List<String> lines(SimulatedJob job, SimulatedJob.Step step) {
        List<String> lines = new ArrayList<>();
        switch (step.type) {
            case "terraformPlan", "terraformPlanDestroy" -> {
                lines.addAll(job.workspace.planLog);
                if (step.type.equals(job.workspace.failingType)) {
                    lines.add("Error: Invalid provider configuration");
                }
            }
            case "terraformApply", "terraformDestroy" -> {
                job.workspace.creates.forEach(address -> lines.add(address + ": Creation complete"));
                lines.add(
                        step.type.equals(job.workspace.failingType)
                                ? "Error: creating web: denied"
                                : "Apply complete! Resources: " + job.workspace.creates.size() + " added");
            }
            default -> lines.add("running " + step.name);
        }
        return lines;
    }

    private static void finish(SimulatedJob job, SimulatedJob.Step step, List<String> lines) {
        step.output = String.join("\n", lines) + "\n";
        boolean failed = step.type.equals(job.workspace.failingType);
        tell(job, step, failed);
        step.status = failed ? "failed" : "completed";
        if (failed) {
            job.status = "failed";
            job.endSteps("failed");
        } else if (step.type.startsWith("terraformPlan") && job.workspace.creates.isEmpty()) {
            job.planChanges = false;
            job.status = "completed";
            job.endSteps("notExecuted");
        } else {
            job.status = job.steps.size() == 1 ? "completed" : "pending";
        }
        if (step.type.equals("terraformApply") && !failed) {
            job.workspace.applied.addAll(job.workspace.creates);
        }
    }

    /** What an executor writes to {@code /context/v1}. */
    private static void tell(SimulatedJob job, SimulatedJob.Step step, boolean failed) {
        boolean apply = step.type.equals("terraformApply");
        if (!apply && !step.type.startsWith("terraformPlan")) {
            return;
        }
        ArrayNode changes = job.context
                .withObjectProperty(apply ? "applyStructuredOutput" : "planStructuredOutput")
                .putArray(step.id);
        for (String address : job.workspace.creates) {
            ObjectNode change = changes.addObject().put("address", address).put("action", "create");
            change.putArray("actions").add("create");
            change.put("status", apply ? failed ? "failed" : "completed" : null);
        }
        ArrayNode diagnostics = job.context.withObjectProperty("jobDiagnostics").putArray(step.id);
        if (failed) {
            diagnostics
                    .addObject()
                    .put("severity", "error")
                    .put("summary", "Invalid provider configuration")
                    .put("detail", "Provider requires a region.");
        }
        if (apply && !failed) {
            ArrayNode outputs =
                    job.context.withObjectProperty("terraformOutputs").putArray(step.id);
            outputs.addObject()
                    .put("name", "url")
                    .put("type", "string")
                    .put("sensitive", false)
                    .put("value", "http://web");
            outputs.addObject()
                    .put("name", "password")
                    .put("type", "string")
                    .put("sensitive", true)
                    .putNull("value");
        }
    }

    /** Reads the flow; a step per entry, equal numbers collapse. */
    private static void initialize(SimulatedJob job) {
        job.initialized = true;
        Map<Integer, SimulatedJob.Step> steps = new java.util.TreeMap<>();
        try {
            Map<String, List<Map<String, Object>>> flow = new Yaml().load(job.flow);
            for (Map<String, Object> entry : flow.get("flow")) {
                int number = (Integer) entry.get("step");
                steps.put(
                        number,
                        new SimulatedJob.Step(
                                number,
                                (String) entry.get("type"),
                                (String) entry.getOrDefault("name", "Running Step" + number),
                                (String) entry.get("team")));
            }
        } catch (RuntimeException e) {
            steps.clear();
            steps.put(100, new SimulatedJob.Step(100, "yamlError", "Template Yaml Error", null));
        }
        job.steps.addAll(steps.values());
    }
}
