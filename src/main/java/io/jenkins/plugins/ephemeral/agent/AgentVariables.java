package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment variables of the agent's container: the least that it needs (templates/deployment.yaml of chart
 * testkube-runner); all else is off. Identity and key come from the Secret.
 */
final class AgentVariables {
    private final AgentDesign design;
    private final Map<String, String> values = new LinkedHashMap<>();

    private AgentVariables(AgentDesign design) {
        this.design = design;
    }

    static List<EnvVar> of(AgentDesign design) {
        AgentVariables variables = new AgentVariables(design);
        variables.identity();
        variables.execution();
        variables.features();
        return variables.rendered();
    }

    private void identity() {
        values.put("TESTKUBE_PRO_URL", design.credentials().address());
        values.put("TESTKUBE_PRO_SKIP_VERIFY", "false");
        values.put("APISERVER_FULLNAME", AgentManifests.NAME);
        values.put("APISERVER_PORT", String.valueOf(AgentPod.PORT));
        values.put("TESTKUBE_NAMESPACE", design.namespace());
    }

    private void execution() {
        values.put("JOB_SERVICE_ACCOUNT_NAME", AgentManifests.EXECUTION);
        values.put("TESTKUBE_TW_TOOLKIT_IMAGE", design.images().toolkit());
        values.put("TESTKUBE_TW_INIT_IMAGE", design.images().init());
        if (design.isElsewhere()) {
            values.put("DEFAULT_EXECUTION_NAMESPACE", design.executionNamespace());
            values.put("TESTKUBE_EXECUTION_NAMESPACES", design.executionNamespace() + '=' + AgentManifests.EXECUTION);
        }
        String template = ExecutionTemplate.json(design);
        if (template != null) {
            values.put("TESTKUBE_GLOBAL_WORKFLOW_TEMPLATE_INLINE", template);
        }
    }

    private void features() {
        boolean listens = design.spec().triggers;
        boolean ownToken = design.credentials().isEnvironmentToken();
        set("DISABLE_TEST_TRIGGERS", !listens);
        if (listens) {
            set("TEST_TRIGGER_CONTROL_PLANE", true);
            set("FEATURE_CLOUD_STORAGE", true);
        }
        if (design.isWatching()) {
            values.put("TESTKUBE_WATCHER_NAMESPACES", design.namespace());
        }
        set("GITOPS_KUBERNETES_TO_CLOUD_ENABLED", design.spec().gitops);
        set("GITOPS_CLOUD_TO_KUBERNETES_ENABLED", false);
        // the token of an Environment makes the agent of old; none of ours has a right to TestWorkflowExecution
        // resources
        set("DISABLE_DEFAULT_AGENT", !ownToken);
        if (ownToken) {
            set("RUNNER_IS_GLOBAL", true);
        }
        set("ENABLE_K8S_CONTROLLERS", false);
        set("ENABLE_K8S_EVENTS", false);
        set("ENABLE_CRON_JOBS", false);
        set("ALLOW_LOW_SECURITY_FIELDS", false);
        set("TESTKUBE_ANALYTICS_ENABLED", false);
        set("DISABLE_WEBHOOKS", true);
        set("DISABLE_DEPRECATED_TESTS", true);
        set("NATS_EMBEDDED", true);
    }

    private void set(String name, boolean value) {
        values.put(name, String.valueOf(value));
    }

    private List<EnvVar> rendered() {
        List<EnvVar> variables = new ArrayList<>();
        if (!design.credentials().isEnvironmentToken()) {
            variables.add(fromSecret("TESTKUBE_PRO_AGENT_ID", AgentManifests.ID_KEY));
        }
        variables.add(fromSecret("TESTKUBE_PRO_API_KEY", AgentManifests.SECRET_KEY));
        variables.add(fromSecret("TESTKUBE_PRO_ORG_ID", AgentManifests.ORGANIZATION_KEY));
        variables.add(fromSecret("TESTKUBE_PRO_ENV_ID", AgentManifests.ENVIRONMENT_KEY));
        values.forEach((name, value) -> variables.add(
                new EnvVarBuilder().withName(name).withValue(value).build()));
        return variables;
    }

    private static EnvVar fromSecret(String name, String key) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewSecretKeyRef(key, AgentManifests.NAME, false)
                .endValueFrom()
                .build();
    }
}
