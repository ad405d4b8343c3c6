package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.net.http.HttpClient;

/** One request to a Testkube control plane. */
final class TestkubeExchange extends RestExchange {
    private final TestkubeConnection connection;

    TestkubeExchange(HttpClient http, Outside outside, TestkubeConnection connection) {
        super("Testkube", http, outside);
        this.connection = connection;
    }

    @Override
    String apiUrl() {
        return connection.apiUrl();
    }

    @Override
    String apiToken() {
        return connection.apiToken();
    }

    @Override
    RestFaults faults(String what) {
        return new TestkubeFaults(what, connection);
    }

    @Override
    String accept() {
        return "application/json, application/problem+json";
    }

    /** Sends JSON. */
    Answer send(String what, String method, String path, JsonNode body) throws InterruptedException {
        return send(what, method, path, "application/json", body.toString());
    }

    /** Sends a resource in its YAML form; JSON text is YAML too. */
    Answer sendYaml(String what, String method, String path, String yaml) throws InterruptedException {
        return send(what, method, path, "text/yaml", yaml);
    }

    TestkubeConnection connection() {
        return connection;
    }
}
