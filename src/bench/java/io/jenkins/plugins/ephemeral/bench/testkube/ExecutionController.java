package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Stand-in for the part of a standalone agent that executes {@code TestWorkflowExecution} resources, with its
 * peculiarities (Testkube 2.12 {@code pkg/controller/testworkflowexecutionexecutor.go} and
 * {@code pkg/event/kind/testworkflowexecutions/listener.go}): a generation is executed once, what fails to be scheduled is
 * not tried again, and the end of a run is written only to a resource whose name is its {@code testWorkflowExecutionName},
 * and not if it was cancelled.
 */
public final class ExecutionController implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VERSION = "testworkflows.testkube.io/v1";
    private static final Set<String> WRITTEN_BACK = Set.of("passed", "failed", "aborted");

    private final KubernetesClient cluster;
    private final EmbeddedControlPlane runs;
    private final String namespace;
    private final Map<String, String> started = new ConcurrentHashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(r -> {
        Thread controller = new Thread(r, "execution-controller");
        controller.setDaemon(true);
        return controller;
    });

    /**
     * Begins to look.
     *
     * @param cluster the cluster to look into; not closed
     * @param runs what executes the workflows
     * @param namespace the only namespace that is looked into
     */
    public ExecutionController(KubernetesClient cluster, EmbeddedControlPlane runs, String namespace) {
        this.cluster = cluster;
        this.runs = runs;
        this.namespace = namespace;
        thread.scheduleWithFixedDelay(this::look, 0, 50, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            for (GenericKubernetesResource each : cluster.genericKubernetesResources(VERSION, "TestWorkflowExecution")
                    .inNamespace(namespace)
                    .list()
                    .getItems()) {
                ObjectNode resource = JSON.valueToTree(each);
                if (resource.at("/metadata/generation").asLong()
                        != resource.at("/status/generation").asLong()) {
                    execute(each, resource);
                } else {
                    tellTheEnd(each, resource);
                }
            }
        } catch (KubernetesClientException | IOException away) {
            System.getLogger(ExecutionController.class.getName()).log(System.Logger.Level.DEBUG, "looking: {0}", away);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void execute(GenericKubernetesResource each, ObjectNode resource) throws IOException, InterruptedException {
        ObjectNode request = resource.at("/spec/executionRequest").isObject()
                ? resource.at("/spec/executionRequest").deepCopy()
                : Json.object();
        String named = request.path("testWorkflowExecutionName").asText("");
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(runs.url() + "/organizations/" + runs.organizationId()
                                + "/environments/" + runs.environmentId() + "/agent/test-workflows/"
                                + resource.at("/spec/testWorkflow/name").asText() + "/executions"))
                        .header("Authorization", "Bearer " + runs.apiToken())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        ObjectNode status = Json.object()
                .put("generation", resource.at("/metadata/generation").asLong());
        JsonNode body = JSON.readTree(answer.body());
        if (answer.statusCode() >= 300) {
            status.put("error", body.path("detail").asText("failed"));
        } else {
            started.put(body.path("id").asText(), named);
        }
        write(each, status);
    }

    private void tellTheEnd(GenericKubernetesResource each, ObjectNode resource) {
        String name = resource.at("/metadata/name").asText();
        if (resource.at("/status").has("latestExecution")) {
            return;
        }
        for (ObjectNode run : runs.executions()) {
            String status = run.at("/result/status").asText();
            if (WRITTEN_BACK.contains(status)
                    && name.equals(started.get(run.path("id").asText()))) {
                ObjectNode latest = Json.object()
                        .put("id", run.path("id").asText())
                        .put("name", run.path("name").asText());
                latest.putObject("result").put("status", status);
                latest.putObject("workflow");
                ObjectNode written = Json.object();
                written.set("latestExecution", latest);
                write(each, written);
            }
        }
    }

    private void write(GenericKubernetesResource each, ObjectNode status) {
        ObjectNode patch = Json.object();
        patch.set("status", status);
        cluster.resource(each).subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
