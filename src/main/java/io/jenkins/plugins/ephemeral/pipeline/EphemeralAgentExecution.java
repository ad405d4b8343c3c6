package io.jenkins.plugins.ephemeral.pipeline;

import io.jenkins.plugins.ephemeral.agent.AgentRef;
import io.jenkins.plugins.ephemeral.agent.AgentSpec;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** Execution of {@code ephemeralAgent}: asks the engine for the agent; how far it is follows from the environment's record. */
final class EphemeralAgentExecution extends EngineStepExecution<AgentRef> {
    private static final long serialVersionUID = 1L;

    private final AgentSpec spec;

    EphemeralAgentExecution(StepContext context, AgentSpec spec) {
        super(context);
        this.spec = spec;
    }

    @Override
    Reconciler<AgentRef> undertake(Surroundings around) throws Exception {
        EphemeralContext ephemeral = around.ephemeral("ephemeralAgent");
        NamespaceRef environment = ephemeral.environment();
        spec.around.clear();
        spec.around.addAll(ephemeral.around());
        return around.engine().agents().install(environment, spec, around.runRef(), around.console());
    }

    @Override
    Object result(AgentRef agent, Surroundings around) throws Exception {
        NamespaceRef environment = around.ephemeral("ephemeralAgent").environment();
        around.report().update(report -> {
            EnvironmentEntry entry = Merging.environment(report, environment.environment());
            entry.agents.removeIf(known -> known.id.equals(agent.id()));
            EnvironmentEntry.Agent written = new EnvironmentEntry.Agent();
            written.id = agent.id();
            written.name = agent.name();
            written.controlPlane = agent.controlPlane();
            written.mode = spec.mode;
            written.connectedAt = Instant.now();
            entry.agents.add(written);
        });
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", agent.name());
        result.put("id", agent.id());
        result.put("controlPlane", agent.controlPlane());
        result.put("mode", agent.mode().word());
        result.put("service", agent.service());
        return result;
    }
}
