package io.jenkins.plugins.ephemeral.bench.testkube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import java.time.Duration;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

public class AgentConnectorTest {
    private final EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start();
    private final ControlPlaneCaller caller = new ControlPlaneCaller(controlPlane);
    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final AgentConnector connector = new AgentConnector(client, controlPlane, Duration.ofMillis(50));

    @Before
    public void namespace() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("pr-41")
                        .endMetadata()
                        .build())
                .create();
    }

    @After
    public void close() {
        connector.close();
        client.close();
        cluster.close();
        controlPlane.close();
    }

    private void install(JsonNode agent, String key) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("agent")
                        .withNamespace("pr-41")
                        .endMetadata()
                        .addToStringData("key", key)
                        .build())
                .createOr(secret -> secret.update());
        String yaml =
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: agent, namespace: pr-41}
                spec:
                  replicas: 1
                  selector: {matchLabels: {app: agent}}
                  template:
                    metadata: {labels: {app: agent}}
                    spec:
                      containers:
                      - name: agent
                        image: example/agent:2.12.2
                        command: [sleep, "300"]
                        env:
                        - {name: TESTKUBE_PRO_AGENT_ID, value: %s}
                        - {name: TESTKUBE_PRO_API_KEY, valueFrom: {secretKeyRef: {name: agent, key: key}}}
                """
                        .formatted(agent.path("id").asText());
        Deployment deployment = client.getKubernetesSerialization().unmarshal(yaml, Deployment.class);
        client.resource(deployment).create();
    }

    @Test
    public void anAgentWhosePodIsReadyConnectsAndIsGoneWithIt() {
        JsonNode agent = caller.createAgent("jk");
        assertThat(controlPlane.connectedAgentNames()).isEmpty();
        install(agent, agent.path("secretKey").asText());
        await().atMost(Duration.ofSeconds(30))
                .until(() -> controlPlane.connectedAgentNames().contains("jk"));
        JsonNode connected = ControlPlaneCaller.json(caller.get(caller.organization("/agents/jk")));
        assertThat(connected.path("namespace").asText()).isEqualTo("pr-41");
        assertThat(connected.path("version").asText()).isEqualTo("2.12.2");
        assertThat(connected.has("accessedAt")).isTrue();

        client.namespaces().withName("pr-41").delete();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> controlPlane.connectedAgentNames().isEmpty());
    }

    @Test
    public void aWrongKeyDoesNotConnect() {
        JsonNode agent = caller.createAgent("jk");
        install(agent, "tkckey_agent_wrong");
        String id = agent.path("id").asText();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> connector.refusedIds().contains(id));
        assertThat(controlPlane.connectedAgentNames()).isEmpty();
        assertThat(ControlPlaneCaller.json(caller.get(caller.organization("/agents/jk")))
                        .has("accessedAt"))
                .isFalse();
    }
}
