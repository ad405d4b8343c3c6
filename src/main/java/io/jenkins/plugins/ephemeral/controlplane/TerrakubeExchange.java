package io.jenkins.plugins.ephemeral.controlplane;

import io.jenkins.plugins.ephemeral.outside.Outside;
import java.net.http.HttpClient;

/** One request to a Terrakube control plane; its API speaks JSON:API (Elide). */
final class TerrakubeExchange extends RestExchange {
    static final String JSON_API = "application/vnd.api+json";

    private final TerrakubeConnection connection;

    TerrakubeExchange(HttpClient http, Outside outside, TerrakubeConnection connection) {
        super("Terrakube", http, outside);
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
        return new TerrakubeFaults(what, connection);
    }

    @Override
    String accept() {
        return JSON_API + ", application/json;q=0.9, */*;q=0.1";
    }

    TerrakubeConnection connection() {
        return connection;
    }
}
