package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code TestWorkflowExecution} resource that starts one run. Source: Testkube 2.12,
 * {@code api/testworkflows/v1/testworkflowexecution_types.go} and
 * {@code pkg/controller/testworkflowexecutionexecutor.go}: it is executed once for each generation, in the agent's own
 * namespace only; what refused it stays in {@code status.error}, and nothing is tried again. The run's id comes back,
 * at its end and unless it was cancelled, only to a resource that names itself in {@code testWorkflowExecutionName}.
 */
final class ExecutionResource {
    private static final String KIND = "TestWorkflowExecution";
    private static final ResourceDefinitionContext CONTEXT = new ResourceDefinitionContext.Builder()
            .withGroup("testworkflows.testkube.io")
            .withVersion("v1")
            .withKind(KIND)
            .withPlural("testworkflowexecutions")
            .withNamespaced(true)
            .build();

    private final Cluster cluster;
    private final String namespace;
    private final String name;

    /**
     * @param namespace the agent's namespace, where the workflows are too
     * @param environment name of the environment, for people
     * @param tag the run's tag, which makes the name one that nobody else has
     */
    ExecutionResource(Cluster cluster, String namespace, String environment, String tag) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.name = environment + '-' + tag.replace("-", "");
    }

    /** {@code dev/testkube/shop-1-0123…}. */
    String where() {
        return cluster.name() + '/' + namespace + '/' + name;
    }

    /** What it says now; empty if it is not there. */
    Optional<Seen> read() {
        GenericKubernetesResource found = cluster.call(
                "reading " + KIND, namespace + '/' + name, client -> client.genericKubernetesResources(CONTEXT)
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
        return found == null ? Optional.empty() : Optional.of(new Seen(found));
    }

    /** Creates it; one of that name is ours, as nobody else could know the name. */
    void create(
            WorkflowRunSpec spec, String workflow, String environment, String controllerId, Map<String, String> tags) {
        GenericKubernetesResource resource = new GenericKubernetesResource();
        resource.setApiVersion(ManifestKind.WORKFLOWS_VERSION);
        resource.setKind(KIND);
        resource.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(namespace)
                .addToLabels(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                .addToLabels(Labels.CONTROLLER, controllerId)
                .addToLabels(Labels.ENVIRONMENT, environment)
                .build());
        resource.setAdditionalProperty("spec", content(spec, workflow, tags));
        cluster.create(resource);
    }

    private Map<String, Object> content(WorkflowRunSpec spec, String workflow, Map<String, String> tags) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("testWorkflowExecutionName", name);
        if (!spec.config.isEmpty()) {
            request.put("config", spec.config);
        }
        request.put("tags", tags);
        if (!spec.target.isEmpty()) {
            Map<String, List<String>> match = new LinkedHashMap<>();
            spec.target.forEach(
                    (label, values) -> match.put(label, List.of(values.trim().split("\\s*,\\s*"))));
            Map<String, Object> target = new LinkedHashMap<>();
            target.put("match", match);
            if (spec.onlyWhenMatches) {
                target.put("schedulerPolicy", "OnlyWhenMatches");
            }
            request.put("target", target);
        }
        return Map.of("testWorkflow", Map.of("name", workflow), "executionRequest", request);
    }

    /** Deletes it, which aborts nothing; one that is gone counts as deleted. */
    void delete() {
        Optional<Seen> seen = read();
        if (seen.isPresent()) {
            cluster.delete(CONTEXT, namespace, name, seen.get().uid());
        }
    }

    /** It, as it was read. */
    static final class Seen {
        private final GenericKubernetesResource resource;

        private Seen(GenericKubernetesResource resource) {
            this.resource = resource;
        }

        private String uid() {
            return resource.getMetadata().getUid();
        }

        /** Why the agent could not schedule it; null if it could or has not tried yet. */
        String error() {
            return text("status", "error");
        }

        /** Id of the run; null until the agent wrote it. */
        String executionId() {
            return text("status", "latestExecution", "id");
        }

        private String text(Object... path) {
            Object value = resource.get(path);
            return value == null || value.toString().isEmpty() ? null : value.toString();
        }
    }
}
