package io.jenkins.plugins.ephemeral.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The requests that following one run costs without this plugin. {@code testkube run testworkflow NAME -f} starts it and
 * reads the stream of its notifications to the end (Testkube 2.x,
 * {@code cmd/kubectl-testkube/commands/testworkflows/run.go}); a script that wants the verdict whatever becomes of the
 * stream asks every five seconds, as Testkube's own {@code pkg/mcp/api.go} does. Both fetch nothing of what a run leaves.
 */
final class CommandLine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Set<String> FINAL = Set.of("passed", "failed", "aborted", "canceled");

    private final Connection connection;

    CommandLine(Connection connection) {
        this.connection = connection;
    }

    /** Milliseconds from the end of the run to the end of its stream. */
    long runAndStream(String workflow, String agent) throws IOException, InterruptedException {
        String id = start(workflow, agent);
        HttpResponse<java.io.InputStream> stream = HTTP.send(
                request("/test-workflow-executions/" + id + "/notifications")
                        .header("Accept", "text/event-stream")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        Instant finished = null;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    JsonNode result = JSON.readTree(line.substring(5)).path("result");
                    finished = FINAL.contains(result.path("status").asText())
                            ? Instant.parse(result.path("finishedAt").asText())
                            : finished;
                }
            }
        }
        return sinceThe(finished);
    }

    /** Milliseconds from the end of the run to the answer that says so. */
    long runAndPoll(String workflow, String agent) throws IOException, InterruptedException {
        String id = start(workflow, agent);
        while (true) {
            TimeUnit.SECONDS.sleep(5);
            JsonNode result =
                    json(request("/test-workflow-executions/" + id).build()).path("result");
            if (FINAL.contains(result.path("status").asText())) {
                return sinceThe(Instant.parse(result.path("finishedAt").asText()));
            }
        }
    }

    private static long sinceThe(Instant end) throws IOException {
        if (end == null) {
            throw new IOException("the stream did not say how the run ended");
        }
        return Duration.between(end, Instant.now()).toMillis();
    }

    private String start(String workflow, String agent) throws IOException, InterruptedException {
        String target = "{\"target\":{\"match\":{\"name\":[\"" + agent + "\"]}}}";
        return json(request("/test-workflows/" + workflow + "/executions")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(target))
                        .build())
                .path("id")
                .asText();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(connection.apiUrl() + "/organizations/" + connection.organizationId()
                        + "/environments/" + connection.environmentId() + "/agent" + path))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Authorization", "Bearer " + connection.apiToken());
    }

    private static JsonNode json(HttpRequest request) throws IOException, InterruptedException {
        return JSON.readTree(
                HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
    }
}
