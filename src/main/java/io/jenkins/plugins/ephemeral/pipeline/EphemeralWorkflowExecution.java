package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import io.jenkins.plugins.ephemeral.agent.AgentMode;
import io.jenkins.plugins.ephemeral.agent.AgentRef;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.page.RunReports;
import io.jenkins.plugins.ephemeral.workflow.WorkflowRunSpec;
import io.jenkins.plugins.ephemeral.workflow.WorkflowRunState;
import io.jenkins.plugins.ephemeral.workflow.WorkflowsResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** Follows the runs whose ids are in its state. */
final class EphemeralWorkflowExecution extends EngineStepExecution<WorkflowsResult> {
    private static final long serialVersionUID = 1L;

    private final WorkflowRunSpec spec;
    private final boolean failBuild;
    private final boolean executionResource;
    private final WorkflowRunState state = new WorkflowRunState();

    EphemeralWorkflowExecution(
            StepContext context, WorkflowRunSpec spec, boolean failBuild, boolean executionResource) {
        super(context);
        this.spec = spec;
        this.failBuild = failBuild;
        this.executionResource = executionResource;
    }

    @Override
    Reconciler<WorkflowsResult> undertake(Surroundings around) throws Exception {
        NamespaceRef environment = around.ephemeral("ephemeralWorkflow").environment();
        AgentRef agent = around.engine()
                .agents()
                .find(environment)
                .orElseThrow(() -> new AbortException("ephemeralWorkflow needs an agent in the environment "
                        + environment + ": call ephemeralAgent() first"));
        spec.agentName = agent.name().isEmpty() ? null : agent.name();
        spec.controlPlane = agent.controlPlane();
        spec.agentService = agent.mode() == AgentMode.STANDALONE ? agent.service() : null;
        spec.executionNamespace = executionResource ? namespaceOfResources(agent, environment) : null;
        BuildOrigin origin = BuildOrigin.of(around);
        spec.buildTags.putAll(origin.tags());
        around.report().update(report -> report.commit = origin.commit());
        return around.engine()
                .workflows()
                .run(
                        environment,
                        spec,
                        state,
                        around.runRef(),
                        RunReports.of(around.run()).artifacts(),
                        around.checkpoint(),
                        around.console(),
                        around.report());
    }

    /** Where the agent looks for TestWorkflowExecution resources; most do not look at all, and would say nothing. */
    private static String namespaceOfResources(AgentRef agent, NamespaceRef environment) throws AbortException {
        if (agent.mode() == AgentMode.STANDALONE) {
            return agent.service().substring(0, agent.service().indexOf('/'));
        }
        throw new AbortException("executionResource: the agent of environment " + environment + " (mode "
                + agent.mode().word() + ") does not execute TestWorkflowExecution resources: nothing would run, and"
                + " nothing would say so. Leave executionResource out, or use ephemeralAgent mode: 'standalone'.");
    }

    @Override
    Reconciler<?> retreat(Surroundings around) throws Exception {
        NamespaceRef environment = around.ephemeral("ephemeralWorkflow").environment();
        return spec.controlPlane == null
                ? null
                : around.engine().workflows().abort(environment, spec, state, around.console(), around.report());
    }

    @Override
    Object result(WorkflowsResult runs, Surroundings around) throws Exception {
        int total = runs.passed.size() + runs.failed.size() + runs.aborted.size();
        int bad = runs.failed.size() + runs.aborted.size();
        if (failBuild && bad > 0) {
            throw new AbortException(
                    bad + " of " + total + " workflows did not pass: " + String.join("; ", runs.reasons));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("total", total);
        result.put("passed", runs.passed.size());
        result.put("failed", bad);
        result.put("tests", runs.tests);
        result.put("failedTests", runs.failedTests);
        result.put("skippedTests", runs.skippedTests);
        result.put("passedWorkflows", new ArrayList<>(runs.passed));
        result.put("failedWorkflows", new ArrayList<>(runs.failed));
        result.put("abortedWorkflows", new ArrayList<>(runs.aborted));
        result.put("outputs", runs.outputs);
        result.put("executionIds", new ArrayList<>(runs.executionIds));
        return result;
    }
}
