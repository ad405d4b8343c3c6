package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the agent adds to every workflow that it executes: Testkube's global workflow template, given to it inline ({@code
 * TESTKUBE_GLOBAL_WORKFLOW_TEMPLATE_INLINE}, a TestWorkflowTemplate's spec as JSON; chart testkube-runner, value
 * globalTemplate). A workflow's own values win.
 */
final class ExecutionTemplate {
    /** The user of Testkube's own images. */
    private static final long USER = 1001;

    private ExecutionTemplate() {}

    /** The template as JSON, or null if nothing is to be added. */
    static String json(AgentDesign design) {
        Map<String, Object> pod = new LinkedHashMap<>();
        Map<String, Object> template = new LinkedHashMap<>();
        if (design.restricted()) {
            pod.put(
                    "securityContext",
                    Map.of(
                            "runAsNonRoot", true,
                            "runAsUser", USER,
                            "runAsGroup", USER,
                            "fsGroup", USER,
                            "seccompProfile", Map.of("type", "RuntimeDefault")));
            template.put(
                    "container",
                    Map.of(
                            "securityContext",
                            Map.of(
                                    "allowPrivilegeEscalation",
                                    false,
                                    "runAsNonRoot",
                                    true,
                                    "capabilities",
                                    Map.of("drop", List.of("ALL")))));
        }
        if (!design.images().pullSecrets().isEmpty()) {
            pod.put(
                    "imagePullSecrets",
                    design.images().pullSecrets().stream()
                            .map(name -> Map.of("name", name))
                            .toList());
        }
        if (!pod.isEmpty()) {
            template.put("pod", pod);
        }
        return template.isEmpty() ? null : Serialization.asJson(template);
    }
}
