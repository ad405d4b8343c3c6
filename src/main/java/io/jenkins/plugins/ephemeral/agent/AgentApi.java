package io.jenkins.plugins.ephemeral.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The API of an agent in the cluster, which has no authentication of its own, reached through the API server's service
 * proxy (right {@code services/proxy}). Paths: Testkube's {@code api/v1/testkube.yaml}.
 */
final class AgentApi {
    private static final Set<String> FINAL = Set.of("passed", "failed", "aborted", "canceled", "cancelled");

    private final Cluster cluster;
    private final String namespace;
    private final String service;

    /** @param address {@code namespace/service:port} */
    AgentApi(Cluster cluster, String address) {
        int slash = address.indexOf('/');
        this.cluster = cluster;
        this.namespace = address.substring(0, slash);
        this.service = address.substring(slash + 1);
    }

    /** What the agent says of itself ({@code GET /v1/info}), or null if there is no such Service. */
    JsonNode info() {
        return json("reading info of the agent", "GET", "/v1/info");
    }

    /** Ids of the runs with such tags that are not over; none if there is no such Service any more. */
    List<String> unfinished(Predicate<Map<String, String>> tags) {
        List<String> ids = new ArrayList<>();
        JsonNode page = json("listing runs of the agent", "GET", "/v1/test-workflow-executions?pageSize=200&last=1");
        if (page != null) {
            for (JsonNode run : page.path("results")) {
                Map<String, String> told = new HashMap<>();
                run.path("tags")
                        .properties()
                        .forEach(tag -> told.put(tag.getKey(), tag.getValue().asText()));
                boolean ours = tags.test(told);
                if (ours && !FINAL.contains(run.path("result").path("status").asText(""))) {
                    ids.add(run.path("id").asText());
                }
            }
        }
        return ids;
    }

    /** Asks for a run to be aborted; one that is over is left as it is. */
    void abort(String id) {
        try {
            call("aborting run of the agent", "POST", "/v1/test-workflow-executions/" + id + "/abort");
        } catch (UserFault over) {
            if (code(over) != 400 && code(over) != 404) {
                throw over;
            }
        }
    }

    /** HTTP status behind a fault of the cluster, 0 if there is none. */
    static int code(Fault fault) {
        return fault.getCause() instanceof KubernetesClientException
                ? ((KubernetesClientException) fault.getCause()).getCode()
                : 0;
    }

    private JsonNode json(String what, String method, String path) {
        String text = call(what, method, path);
        try {
            JsonNode node = text == null ? null : Serialization.jsonMapper().readTree(text);
            if (node == null || node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            // said below
        }
        throw new UserFault(
                what,
                where(),
                "what answers there is no Testkube agent",
                "Name the Service and port of the agent's API: agentService: 'testkube-api-server:8088'.");
    }

    private String call(String what, String method, String path) {
        String uri = "/api/v1/namespaces/" + namespace + "/services/" + service + "/proxy" + path;
        return cluster.call(
                what,
                namespace + "/services/" + service,
                client -> client.raw(uri, method, method.equals("POST") ? "{}" : null));
    }

    /** {@code dev/testkube/testkube-api-server:8088}. */
    String where() {
        return cluster.name() + '/' + namespace + '/' + service;
    }
}
