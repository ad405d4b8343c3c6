package io.jenkins.plugins.ephemeral.bench.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.bench.testkube.AgentConnector;
import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.bench.testkube.Outage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The embedded cluster, the embedded control plane with the stand-in for the agent's connection, and a webhook that
 * listens, as a process of their own: for a Jenkins to try the plugin in, and for the JenkinsRule tests, which share no
 * class path with them. Prints one line of JSON ({@code kubeconfig}, {@code testkubeUrl}, {@code agentAddress},
 * {@code organizationId}, {@code environmentId}, {@code apiToken}, {@code webhookUrl}) and ends when its standard input
 * does, so that it never outlives who started it. A line there takes a server away or brings it back, {@code cluster
 * away}, {@code testkube back}..., and is answered when it is so.
 */
public final class Servers {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Servers() {}

    /** Starts all, prints where they are, waits for the end of the input, stops all. */
    public static void main(String[] args) throws Exception {
        List<String> reports = new CopyOnWriteArrayList<>();
        HttpServer webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/reports", exchange -> answer(exchange, reports));
        webhook.start();
        try (EmbeddedCluster cluster = EmbeddedCluster.start();
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(cluster.config())
                        .build();
                EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start();
                AgentConnector connector = new AgentConnector(client, controlPlane, Duration.ofMillis(300))) {
            System.out.println(JSON.writeValueAsString(whereTheyAre(cluster, controlPlane, webhook)));
            System.out.flush();
            obey(cluster, controlPlane);
        } finally {
            webhook.stop(0);
        }
        System.exit(0);
    }

    private static void obey(EmbeddedCluster cluster, EmbeddedControlPlane controlPlane) throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            switch (order) {
                case "cluster away" -> cluster.faults().unavailable();
                case "cluster back" -> cluster.faults().available();
                case "testkube away" -> controlPlane.beginOutage(Outage.CONNECTION_REFUSED);
                case "testkube back" -> controlPlane.endOutage();
                default -> throw new IllegalArgumentException("unknown: " + order);
            }
            System.out.println("done: " + order);
            System.out.flush();
        }
    }

    private static Map<String, String> whereTheyAre(
            EmbeddedCluster cluster, EmbeddedControlPlane controlPlane, HttpServer webhook) {
        Map<String, String> where = new LinkedHashMap<>();
        where.put("kubeconfig", cluster.kubeconfig());
        where.put("testkubeUrl", controlPlane.url());
        where.put("agentAddress", controlPlane.agentAddress());
        where.put("organizationId", controlPlane.organizationId());
        where.put("environmentId", controlPlane.environmentId());
        where.put("apiToken", controlPlane.apiToken());
        where.put("webhookUrl", "http://127.0.0.1:" + webhook.getAddress().getPort() + "/reports");
        return where;
    }

    /** POST keeps a report, GET shows all that came, as an array. */
    private static void answer(HttpExchange exchange, List<String> reports) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (exchange.getRequestMethod().equals("GET")) {
            byte[] all = ('[' + String.join(",", reports) + ']').getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, all.length);
            exchange.getResponseBody().write(all);
        } else {
            reports.add(body);
            exchange.sendResponseHeaders(204, -1);
        }
        exchange.close();
    }
}
