package io.jenkins.plugins.ephemeral.bench.testkube;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Stand-in for the other half of Testkube's agent, its connection to the control plane: it looks into a test cluster for
 * ready Pods (and available Deployments, for a cluster that makes no Pods of them) with {@code TESTKUBE_PRO_AGENT_ID} in
 * their environment, reads id and {@code TESTKUBE_PRO_API_KEY} as the container would get them, from the value or from
 * the Secret that it refers to, and connects with them. An agent whose Pods are gone is disconnected. The Pods
 * themselves may run anything; no image of Testkube is involved.
 *
 * <p>It works against an embedded and against a real cluster: it only lists Pods and Deployments and gets Secrets.
 */
public final class AgentConnector implements AutoCloseable {
    private static final String ID = "TESTKUBE_PRO_AGENT_ID";
    private static final String KEY = "TESTKUBE_PRO_API_KEY";

    private record Running(String namespace, PodSpec spec) {}

    private final KubernetesClient cluster;
    private final EmbeddedControlPlane controlPlane;
    private final Set<String> connected = new HashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(r -> {
        Thread poller = new Thread(r, "agent-connector");
        poller.setDaemon(true);
        return poller;
    });

    /**
     * Looks at once, and then again and again.
     *
     * @param cluster the cluster to look into; not closed
     * @param period pause between two looks
     */
    public AgentConnector(KubernetesClient cluster, EmbeddedControlPlane controlPlane, Duration period) {
        this.cluster = cluster;
        this.controlPlane = controlPlane;
        thread.scheduleWithFixedDelay(this::lookQuietly, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ids that ready agents offered and that were refused: unknown, deleted, or with the wrong key. */
    public synchronized Set<String> refusedIds() {
        return Set.copyOf(refused);
    }

    private void lookQuietly() {
        try {
            look();
        } catch (KubernetesClientException e) {
            // a cluster that is away for a while: agents stay connected, as their connections do
            System.getLogger(AgentConnector.class.getName())
                    .log(System.Logger.Level.DEBUG, "looking for agents: {0}", e.toString());
        }
    }

    private synchronized void look() {
        Set<String> seen = new HashSet<>();
        for (Running running : running()) {
            for (Container container : running.spec().getContainers()) {
                offer(running.namespace(), container, seen);
            }
        }
        connected.stream().filter(id -> !seen.contains(id)).forEach(controlPlane::disconnect);
        connected.retainAll(seen);
    }

    private void offer(String namespace, Container container, Set<String> seen) {
        Map<String, String> environment = environment(namespace, container);
        String id = environment.get(ID);
        if (id == null) {
            return;
        }
        String image = container.getImage() == null ? "" : container.getImage();
        String version = image.replaceFirst(".*:", "");
        seen.add(id);
        if (controlPlane.connect(id, environment.getOrDefault(KEY, ""), version, namespace)) {
            connected.add(id);
            refused.remove(id);
        } else {
            refused.add(id);
        }
    }

    private List<Running> running() {
        List<Running> running = new ArrayList<>();
        for (Pod pod : cluster.pods().inAnyNamespace().list().getItems()) {
            boolean ready = pod.getStatus() != null
                    && pod.getMetadata().getDeletionTimestamp() == null
                    && pod.getStatus().getConditions().stream()
                            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
            if (ready) {
                running.add(new Running(pod.getMetadata().getNamespace(), pod.getSpec()));
            }
        }
        for (Deployment deployment :
                cluster.apps().deployments().inAnyNamespace().list().getItems()) {
            boolean available = deployment.getStatus() != null
                    && deployment.getMetadata().getDeletionTimestamp() == null
                    && deployment.getStatus().getAvailableReplicas() != null
                    && deployment.getStatus().getAvailableReplicas() > 0;
            if (available) {
                running.add(new Running(
                        deployment.getMetadata().getNamespace(),
                        deployment.getSpec().getTemplate().getSpec()));
            }
        }
        return running;
    }

    private Map<String, String> environment(String namespace, Container container) {
        Map<String, String> environment = new LinkedHashMap<>();
        boolean isAgent = container.getEnv().stream().anyMatch(v -> ID.equals(v.getName()))
                || !container.getEnvFrom().isEmpty();
        if (!isAgent) {
            return environment;
        }
        for (EnvFromSource source : container.getEnvFrom()) {
            if (source.getSecretRef() != null) {
                String prefix = source.getPrefix() == null ? "" : source.getPrefix();
                secret(namespace, source.getSecretRef().getName())
                        .forEach((name, value) -> environment.put(prefix + name, value));
            }
        }
        for (EnvVar variable : container.getEnv()) {
            if (variable.getValue() != null) {
                environment.put(variable.getName(), variable.getValue());
            } else if (variable.getValueFrom() != null
                    && variable.getValueFrom().getSecretKeyRef() != null) {
                var reference = variable.getValueFrom().getSecretKeyRef();
                String value = secret(namespace, reference.getName()).get(reference.getKey());
                if (value != null) {
                    environment.put(variable.getName(), value);
                }
            }
        }
        return environment;
    }

    private Map<String, String> secret(String namespace, String name) {
        Secret secret = cluster.secrets().inNamespace(namespace).withName(name).get();
        Map<String, String> values = new LinkedHashMap<>();
        if (secret != null && secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            values.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        if (secret != null && secret.getStringData() != null) {
            values.putAll(secret.getStringData());
        }
        return values;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
