package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.SecretMask;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.Verdict;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run of the control plane means in the report. Words that are not known yet mean that it goes on. */
final class RunEntries {
    /** Ref of the part before the steps, in logs and outputs. */
    private static final String INITIALIZATION = "tktw-init";

    private RunEntries() {}

    /** Writes a run as it is now. */
    static void write(
            RunScope scope,
            TestkubeClient client,
            WorkflowRunState.Run run,
            TestkubeExecution seen,
            String abortedBecause) {
        String link = client.link(run.definition(), seen.id());
        scope.report.update(written -> {
            WorkflowEntry.Execution entry = Merging.execution(written, run.workflow, seen.id());
            if (!seen.isOver() && entry.verdict != null && entry.verdict != Verdict.RUNNING) {
                return; // an older look than the one that was written: a run does not begin again
            }
            entry.name = seen.name();
            entry.environment = scope.environment.environment();
            entry.triggered = run.triggered;
            entry.variant = run.variant;
            entry.status = seen.status();
            entry.verdict = verdict(seen);
            entry.reason = reason(seen, abortedBecause);
            entry.link = link;
            entry.queuedAt = seen.queuedAt();
            entry.startedAt = seen.startedAt();
            entry.finishedAt = seen.finishedAt();
            entry.steps = steps(seen);
            entry.outputs.clear();
            for (TestkubeExecution.Output output : seen.outputs()) {
                if (!INITIALIZATION.equals(output.ref())) {
                    for (Map.Entry<String, String> value : output.values().entrySet()) {
                        String name =
                                output.values().size() == 1 ? output.name() : output.name() + '.' + value.getKey();
                        entry.outputs.put(name, SecretMask.mask(value.getValue()));
                    }
                }
            }
        });
    }

    /** One that never came to its steps failed by its surroundings, not by its program. */
    static Verdict verdict(TestkubeExecution seen) {
        Verdict verdict = seen.isOver() ? verdict(seen.status()) : Verdict.RUNNING;
        boolean begun =
                seen.initialization() == null || !seen.initialization().status().equals("failed");
        return verdict == Verdict.FAILED && !begun ? Verdict.ERROR : verdict;
    }

    private static Verdict verdict(String status) {
        switch (status) {
            case "passed":
                return Verdict.PASSED;
            case "failed":
            case "timeout":
                return Verdict.FAILED;
            case "aborted":
            case "canceled":
                return Verdict.ABORTED;
            case "skipped":
                return Verdict.SKIPPED;
            default:
                return Verdict.RUNNING;
        }
    }

    private static List<WorkflowEntry.Step> steps(TestkubeExecution seen) {
        List<WorkflowEntry.Step> steps = new ArrayList<>();
        for (TestkubeExecution.StepResult result : seen.steps()) {
            WorkflowEntry.Step step = new WorkflowEntry.Step();
            step.ref = result.ref();
            step.name = result.name();
            step.status = result.status();
            step.verdict = verdict(result.status());
            step.exitCode = result.exitCode();
            step.reason = result.errorMessage() == null ? null : SecretMask.mask(result.errorMessage());
            step.startedAt = result.startedAt();
            step.finishedAt = result.finishedAt();
            steps.add(step);
        }
        return steps;
    }

    /** Why it did not pass, a sentence, or null. */
    static String reason(TestkubeExecution seen, String abortedBecause) {
        Verdict verdict = verdict(seen);
        if (verdict == Verdict.PASSED || verdict == Verdict.RUNNING) {
            return null;
        }
        TestkubeExecution.StepResult initialization = seen.initialization();
        if (initialization != null && initialization.errorMessage() != null) {
            return "It could not start: " + SecretMask.mask(initialization.errorMessage());
        }
        if (verdict == Verdict.ABORTED) {
            return abortedBecause != null
                    ? abortedBecause
                    : "It was " + seen.status() + " in the control plane: by a person, a limit, or since its Pod was"
                            + " lost.";
        }
        for (TestkubeExecution.StepResult step : seen.steps()) {
            if (verdict(step.status()) == Verdict.FAILED) {
                boolean code = step.exitCode() != null && step.exitCode() != 0;
                return "Step \"" + step.name() + "\" " + step.status()
                        + (code ? " with exit code " + step.exitCode() : "")
                        + (step.errorMessage() == null ? "." : ": " + SecretMask.mask(step.errorMessage()));
            }
        }
        return "It " + seen.status() + '.';
    }

    /** What came of the runs of a step, from the report: it also knows of those that an earlier life followed. */
    static WorkflowsResult result(Report written, WorkflowRunState state) {
        WorkflowsResult result = new WorkflowsResult();
        for (WorkflowRunState.Run run : state.runs) {
            if (run.skipped != null) {
                result.aborted.add(run.workflow);
                result.reasons.add(run.workflow + ": not run: " + run.skipped);
                continue;
            }
            WorkflowEntry.Execution entry = Merging.execution(written, run.workflow, run.executionId);
            (entry.verdict == Verdict.PASSED
                            ? result.passed
                            : entry.verdict == Verdict.ABORTED ? result.aborted : result.failed)
                    .add(run.workflow);
            result.executionIds.add(run.executionId);
            if (!entry.outputs.isEmpty()) {
                result.outputs
                        .computeIfAbsent(run.workflow, any -> new LinkedHashMap<>())
                        .putAll(entry.outputs);
            }
            if (entry.reason != null) {
                result.reasons.add(run.workflow + ": " + entry.reason);
            }
            for (WorkflowEntry.Suite suite : entry.suites) {
                result.tests += suite.tests;
                result.failedTests += suite.failed;
                result.skippedTests += suite.skipped;
            }
        }
        return result;
    }
}
