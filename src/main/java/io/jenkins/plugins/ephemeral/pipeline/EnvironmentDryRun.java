package io.jenkins.plugins.ephemeral.pipeline;

import io.jenkins.plugins.ephemeral.environment.EnvironmentPlan;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** {@code ephemeralEnvironment(dryRun: true)}: the body does not run, and nothing is made. */
final class EnvironmentDryRun extends EngineStepExecution<EnvironmentPlan> {
    private static final long serialVersionUID = 1L;

    private final EnvironmentSpec spec;

    EnvironmentDryRun(StepContext context, EnvironmentSpec spec) {
        super(context);
        this.spec = spec;
    }

    @Override
    Reconciler<EnvironmentPlan> undertake(Surroundings around) throws Exception {
        String name = around.engine().environments().nameFor(spec, around.runRef(), around.nodeId());
        return new UntrustedChange<>(around, spec, permitted -> around.engine()
                .environments()
                .plan(name, permitted, around.runRef(), around.console()));
    }

    @Override
    Object result(EnvironmentPlan plan, Surroundings around) {
        around.report().update(report -> {
            EnvironmentEntry entry = Merging.environment(report, plan.name);
            entry.namespace = plan.name;
            entry.cluster = plan.cluster;
            entry.state = "PLANNED";
            entry.plan = plan.yaml;
        });
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("namespace", plan.name);
        result.put("cluster", plan.cluster);
        result.put("objects", new ArrayList<>(plan.objects));
        result.put("yaml", plan.yaml);
        return result;
    }
}
