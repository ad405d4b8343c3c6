package io.jenkins.plugins.ephemeral.bench.testkube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;

/** Calls an embedded control plane as any HTTP client would. */
public final class ControlPlaneCaller {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final EmbeddedControlPlane controlPlane;

    public ControlPlaneCaller(EmbeddedControlPlane controlPlane) {
        this.controlPlane = controlPlane;
    }

    public String organization(String path) {
        return "/organizations/" + controlPlane.organizationId() + path;
    }

    public String environment(String path) {
        return organization("/environments/" + controlPlane.environmentId() + "/agent" + path);
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(controlPlane.url() + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + controlPlane.apiToken());
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public InputStream stream(String path) throws Exception {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }

    public HttpResponse<String> get(String path) {
        return send(request(path).GET());
    }

    public HttpResponse<String> delete(String path) {
        return send(request(path).DELETE());
    }

    public HttpResponse<String> post(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    public HttpResponse<String> yaml(String method, String path, String yaml) {
        return send(request(path)
                .header("Content-Type", "text/yaml")
                .method(method, HttpRequest.BodyPublishers.ofString(yaml)));
    }

    public static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates an independent runner; its answer. */
    public JsonNode createAgent(String name) {
        HttpResponse<String> created = post(
                organization("/agents"),
                """
                {"name": "%s", "environments": ["%s"], "capabilities": ["runner"], "floating": true,
                 "runnerPolicy": {"requiredMatch": ["name"]}}"""
                        .formatted(name, controlPlane.environmentId()));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        return json(created);
    }

    public void connectedAgent(String name) {
        JsonNode agent = createAgent(name);
        assertThat(controlPlane.connect(
                        agent.path("id").asText(), agent.path("secretKey").asText()))
                .isTrue();
    }

    public void createWorkflow(String yaml) {
        HttpResponse<String> created = yaml("POST", environment("/test-workflows"), yaml);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
    }

    /** Runs a workflow on the agent of that name; the id of the execution. */
    public String run(String workflow, String agent, String config) {
        HttpResponse<String> started = post(
                environment("/test-workflows/" + workflow + "/executions"),
                """
                {"config": %s, "tags": {"build": "b-1"},
                 "target": {"match": {"name": ["%s"]}, "schedulerPolicy": "OnlyWhenMatches"}}"""
                        .formatted(config, agent));
        assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
        return json(started).path("id").asText();
    }

    public JsonNode execution(String id) {
        HttpResponse<String> response = get(environment("/test-workflow-executions/" + id));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    public JsonNode awaitEnd(String id) {
        Set<String> terminal = Set.of("passed", "failed", "aborted", "canceled");
        return await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> execution(id),
                        e -> terminal.contains(e.at("/result/status").asText()));
    }

    public void awaitStatus(String id, String status) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> execution(id).at("/result/status").asText(), status::equals);
    }

    public String logs(String id) {
        HttpResponse<String> response = get(environment("/test-workflow-executions/" + id + "/logs"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }
}
