package io.jenkins.plugins.ephemeral.controlplane;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A run of a workflow (schemas {@code TestWorkflowExecution} and {@code TestWorkflowExecutionSummary}); Go's zero times
 * are null.
 *
 * @param id its id
 * @param name {@code api-junit-12}
 * @param workflow name of the workflow
 * @param status the control plane's word, lower case, one spelling of {@code canceled}; empty if there is none yet
 * @param queuedAt when it was asked for
 * @param startedAt when it began; null if not yet
 * @param finishedAt when it was over; null if not yet
 * @param initialization the part before the steps: pulling images, starting the Pod; null if not known
 * @param steps the steps in order, groups before what they contain
 * @param outputs what its steps gave out, in order
 */
public record TestkubeExecution(
        String id,
        String name,
        String workflow,
        String status,
        Instant queuedAt,
        Instant startedAt,
        Instant finishedAt,
        StepResult initialization,
        List<StepResult> steps,
        List<Output> outputs) {

    private static final Set<String> FINAL = Set.of("passed", "failed", "aborted", "canceled");

    /** Whether nothing will change any more: a final status and a time of the end. Both, since status comes first. */
    public boolean isOver() {
        return FINAL.contains(status) && finishedAt != null;
    }

    /** Whether its status is a final one; what is left to be written down may still change. */
    boolean isFinal() {
        return FINAL.contains(status);
    }

    /** Name of a step for people, or an empty string for none of that ref. */
    public String stepName(String ref) {
        for (StepResult step : steps) {
            if (step.ref().equals(ref)) {
                return step.name();
            }
        }
        return "";
    }

    /** One spelling for a status word. */
    static String normalize(String status) {
        String lower = status.toLowerCase(Locale.ROOT);
        return lower.equals("cancelled") ? "canceled" : lower;
    }

    /**
     * What came of one step.
     *
     * @param ref its ref in this run
     * @param name its name, or its category; a step of a group carries the group's name in front
     * @param status the control plane's word; empty if there is none yet
     * @param exitCode exit code; 0 where it is left out of a finished step; null if it did not end
     * @param errorMessage message, or null
     * @param startedAt when it began; null if not yet
     * @param finishedAt when it was over; null if not yet
     */
    public record StepResult(
            String ref,
            String name,
            String status,
            Integer exitCode,
            String errorMessage,
            Instant startedAt,
            Instant finishedAt) {}

    /**
     * What a step gave out.
     *
     * @param ref the step's ref
     * @param name its name
     * @param values what it says; nested values as JSON
     */
    public record Output(String ref, String name, Map<String, String> values) {}
}
