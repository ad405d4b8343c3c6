package io.jenkins.plugins.ephemeral.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What earlier builds of the job say about each workflow, by its name. A workflow is called flaky when it passed and
 * failed on one commit, or when its verdict changed often over the last builds. Only PASSED and FAILED count: what could
 * not be run or was aborted says nothing about it.
 */
public final class History {
    /** How many earlier builds are looked at. */
    public static final int BUILDS = 10;

    private static final int FEWEST_VERDICTS = 5;
    private static final double MANY_CHANGES = 0.4;
    private static final int SHORT_COMMIT = 8;

    private History() {}

    /**
     * Writes history and flakiness into a report.
     *
     * @param report the build's own
     * @param earlier those of earlier builds, newest first
     */
    public static void add(Report report, List<Report> earlier) {
        for (WorkflowEntry workflow : report.workflows) {
            List<WorkflowEntry.Past> past = new ArrayList<>();
            Map<String, Set<Verdict>> byCommit = new LinkedHashMap<>();
            note(byCommit, report, workflow);
            for (Report other : earlier.subList(0, Math.min(BUILDS, earlier.size()))) {
                for (WorkflowEntry same : other.workflows) {
                    if (same.name.equals(workflow.name) && same.verdict != null) {
                        past.add(0, past(other, same));
                        note(byCommit, other, same);
                    }
                }
            }
            workflow.history = past;
            workflow.flaky = flaky(workflow, past, byCommit);
        }
    }

    private static WorkflowEntry.Past past(Report report, WorkflowEntry workflow) {
        WorkflowEntry.Past past = new WorkflowEntry.Past();
        past.build = report.buildNumber;
        past.verdict = workflow.verdict;
        past.commit = report.commit;
        return past;
    }

    private static void note(Map<String, Set<Verdict>> byCommit, Report report, WorkflowEntry workflow) {
        if (report.commit == null) {
            return;
        }
        for (WorkflowEntry.Execution execution : workflow.executions) {
            if (counts(execution.verdict)) {
                byCommit.computeIfAbsent(report.commit, any -> new LinkedHashSet<>())
                        .add(execution.verdict);
            }
        }
    }

    private static boolean counts(Verdict verdict) {
        return verdict == Verdict.PASSED || verdict == Verdict.FAILED;
    }

    private static String flaky(
            WorkflowEntry workflow, List<WorkflowEntry.Past> past, Map<String, Set<Verdict>> byCommit) {
        for (Map.Entry<String, Set<Verdict>> commit : byCommit.entrySet()) {
            if (commit.getValue().size() == 2) {
                String id = commit.getKey();
                return "It passed and failed on commit "
                        + (id.length() > SHORT_COMMIT ? id.substring(0, SHORT_COMMIT) : id) + '.';
            }
        }
        List<Verdict> verdicts = new ArrayList<>();
        past.forEach(each -> verdicts.add(each.verdict));
        verdicts.add(workflow.verdict);
        verdicts.removeIf(verdict -> !counts(verdict));
        int changes = 0;
        for (int i = 1; i < verdicts.size(); i++) {
            changes += verdicts.get(i) == verdicts.get(i - 1) ? 0 : 1;
        }
        boolean many = changes >= MANY_CHANGES * (verdicts.size() - 1);
        return verdicts.size() >= FEWEST_VERDICTS && many
                ? "Its verdict changed " + changes + " times in the last " + verdicts.size() + " builds that ran it."
                : null;
    }
}
