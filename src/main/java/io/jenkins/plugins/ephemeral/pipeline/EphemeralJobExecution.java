package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.executor.Outcome;
import io.jenkins.plugins.ephemeral.executor.StageJobResult;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
import io.jenkins.plugins.ephemeral.executor.StageJobState;
import io.jenkins.plugins.ephemeral.executor.StageJobs;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** Launches and follows one stage Job; its name is decided and saved before anything is created. */
final class EphemeralJobExecution extends EngineStepExecution<StageJobResult> {
    private static final long serialVersionUID = 1L;

    private final StageJobSpec spec;
    private final boolean failBuild;
    private final StageJobState state = new StageJobState();

    EphemeralJobExecution(StepContext context, StageJobSpec spec, boolean failBuild) {
        super(context);
        this.spec = spec;
        this.failBuild = failBuild;
    }

    @Override
    Reconciler<StageJobResult> undertake(Surroundings around) throws Exception {
        EphemeralContext ephemeral = around.ephemeral("ephemeralJob");
        StageJobs jobs = around.engine().stageJobs();
        if (state.jobName == null) {
            jobs.prepare(ephemeral.environment(), spec, around.runRef());
            StageName.take(around, spec.name, spec.type);
            StageJobResult skipped =
                    jobs.link(ephemeral.environment(), spec, around.report().read());
            if (skipped != null) {
                return () -> Progress.done(skip(skipped, around));
            }
            state.jobName = jobs.jobName(spec, around.runRef(), around.nodeId());
            around.checkpoint().save();
        }
        return jobs.run(
                ephemeral.environment(),
                spec,
                state,
                around.runRef(),
                around.checkpoint(),
                around.console(),
                around.report(),
                new BuildArchive(around));
    }

    /** It shows on its own node and in the report; the build's result stays as it is. */
    private StageJobResult skip(StageJobResult skipped, Surroundings around) {
        around.console().line("[" + spec.name + "] skipped: " + skipped.reason());
        around.warn(Result.NOT_BUILT, spec.name + " skipped: " + skipped.reason());
        around.report().update(report -> {
            StageEntry entry = Merging.stage(report, spec.name);
            entry.type = spec.type;
            entry.image = spec.image;
            entry.outcome = skipped.outcome().name();
            entry.verdict = skipped.outcome().verdict();
            entry.reason = skipped.reason();
        });
        return skipped;
    }

    @Override
    Reconciler<?> retreat(Surroundings around) throws Exception {
        if (state.jobName == null) {
            StageName.giveBack(around, spec.name, new AbortException("It was aborted."));
            return null;
        }
        EphemeralContext ephemeral = around.ephemeral("ephemeralJob");
        // now, since the build may be over before the program in the Pod is
        around.report().update(report -> {
            StageEntry entry = Merging.stage(report, spec.name);
            entry.outcome = Outcome.ABORTED.name();
            entry.verdict = Outcome.ABORTED.verdict();
        });
        return around.engine()
                .stageJobs()
                .cancel(ephemeral.environment(), spec, state, around.console(), around.report());
    }

    @Override
    void gaveUp(Throwable failure, Surroundings around) throws Exception {
        StageName.giveBack(around, spec.name, failure);
        if (state.jobName != null) {
            NamespaceRef environment = around.ephemeral("ephemeralJob").environment();
            around.engine().stageJobs().abandon(environment, spec, state, around.console());
        }
    }

    @Override
    Object result(StageJobResult ended, Surroundings around) throws Exception {
        around.ephemeral("ephemeralJob")
                .exportOutcome(spec.name, ended.outcome().name());
        boolean good = ended.outcome().verdict().compareTo(io.jenkins.plugins.ephemeral.report.Verdict.PASSED) <= 0;
        if (!good && failBuild) {
            throw new StageJobFailure(spec.type, ended.outcome(), failure(ended));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", spec.name);
        result.put("outcome", ended.outcome().name());
        result.put("exitCode", ended.exitCode());
        result.put("reason", ended.reason());
        result.put("jobName", state.jobName);
        return result;
    }

    /** What the build says; the exit code once, though the reason names it too. */
    private String failure(StageJobResult ended) {
        String code = ended.exitCode() == null ? "" : " (exit code " + ended.exitCode() + ")";
        String reason = ended.reason();
        String opening = "It ended with exit code " + ended.exitCode() + ": ";
        if (reason.startsWith(opening)) {
            reason = reason.substring(opening.length());
        }
        return "Stage " + spec.name + " ended as " + ended.outcome() + code + (reason.isEmpty() ? "" : ": " + reason);
    }
}
