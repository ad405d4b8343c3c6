package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.logging.Logger;

/**
 * {@code TestWorkflowExecution} resources that start runs in the namespace of an agent which stays: a life that ended
 * early may have left some.
 */
final class AgentExecutions {
    private static final Logger LOGGER = Logger.getLogger(AgentExecutions.class.getName());

    private static final ResourceDefinitionContext KIND = new ResourceDefinitionContext.Builder()
            .withGroup("testworkflows.testkube.io")
            .withVersion("v1")
            .withKind("TestWorkflowExecution")
            .withPlural("testworkflowexecutions")
            .withNamespaced(true)
            .build();

    private AgentExecutions() {}

    /** Deletes those of an environment. Where Jenkins may not even see them it made none. */
    static void delete(Cluster cluster, String namespace, EnvironmentRecord environment) {
        List<GenericKubernetesResource> left;
        try {
            left = cluster.call(
                    "listing TestWorkflowExecutions", namespace, client -> client.genericKubernetesResources(KIND)
                            .inNamespace(namespace)
                            .withLabel(Labels.CONTROLLER, environment.controllerId)
                            .withLabel(Labels.ENVIRONMENT, environment.name)
                            .list()
                            .getItems());
        } catch (UserFault noneOfOurs) {
            return;
        }
        for (GenericKubernetesResource each : left) {
            try {
                cluster.delete(
                        KIND,
                        namespace,
                        each.getMetadata().getName(),
                        each.getMetadata().getUid());
            } catch (UserFault refused) {
                LOGGER.warning(refused.getMessage());
            }
        }
    }
}
