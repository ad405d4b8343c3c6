package io.jenkins.plugins.ephemeral.report;

/** Puts entries together: one per environment, stage and workflow name, and the verdicts that follow from them. */
public final class Merging {
    private Merging() {}

    /** The entry of that environment, made if there is none. */
    public static EnvironmentEntry environment(Report report, String name) {
        for (EnvironmentEntry entry : report.environments) {
            if (entry.name.equals(name)) {
                return entry;
            }
        }
        EnvironmentEntry entry = new EnvironmentEntry();
        entry.name = name;
        report.environments.add(entry);
        return entry;
    }

    /** The entry of that stage, made if there is none. */
    public static StageEntry stage(Report report, String name) {
        for (StageEntry entry : report.stages) {
            if (entry.name.equals(name)) {
                return entry;
            }
        }
        StageEntry entry = new StageEntry();
        entry.name = name;
        report.stages.add(entry);
        return entry;
    }

    /** The entry of that run of that workflow, made if there is none. */
    public static WorkflowEntry.Execution execution(Report report, String workflow, String id) {
        WorkflowEntry entry = null;
        for (WorkflowEntry known : report.workflows) {
            if (known.name.equals(workflow)) {
                entry = known;
            }
        }
        if (entry == null) {
            entry = new WorkflowEntry();
            entry.name = workflow;
            report.workflows.add(entry);
        }
        for (WorkflowEntry.Execution known : entry.executions) {
            if (known.id.equals(id)) {
                return known;
            }
        }
        WorkflowEntry.Execution execution = new WorkflowEntry.Execution();
        execution.id = id;
        entry.executions.add(execution);
        return execution;
    }

    /** Says what a build that is over leaves open: stages nobody follows any more, jobs that wait in a control plane. */
    public static void noteOpenEnds(Report report) {
        for (StageEntry stage : report.stages) {
            if (stage.verdict == Verdict.RUNNING) {
                stage.verdict = Verdict.ERROR;
                stage.reason = "The build ended before it was known how this stage did."
                        + (stage.reason == null ? "" : " " + stage.reason);
            }
            TerrakubeEntry job = stage.terrakube;
            if (job != null && job.waitingStepId != null && !isContinued(report, stage)) {
                report.notices.add("Terrakube job " + job.jobId + " of stage " + stage.name
                        + " still waits for an approval, and the jobs behind it in workspace " + job.workspace
                        + " wait for it: decide on it in Terrakube.");
            }
        }
    }

    private static boolean isContinued(Report report, StageEntry stage) {
        int place = report.stages.indexOf(stage);
        return report.stages.subList(place + 1, report.stages.size()).stream()
                .filter(later -> later.terrakube != null && later.terrakube.jobId == stage.terrakube.jobId)
                // one that could not decide has left it as it was
                .anyMatch(later -> later.terrakube.status != null || later.verdict == Verdict.ABORTED);
    }

    /** Computes what follows from the entries: the verdict of each workflow and of the whole. */
    static void conclude(Report report) {
        Verdict worst = null;
        for (WorkflowEntry workflow : report.workflows) {
            workflow.verdict = null;
            for (WorkflowEntry.Execution execution : workflow.executions) {
                workflow.verdict = execution.superseded ? workflow.verdict : worse(workflow.verdict, execution.verdict);
            }
            worst = worse(worst, workflow.verdict);
        }
        for (StageEntry stage : report.stages) {
            worst = worse(worst, stage.verdict);
        }
        report.verdict = worst;
    }

    private static Verdict worse(Verdict one, Verdict other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) >= 0 ? one : other;
    }
}
