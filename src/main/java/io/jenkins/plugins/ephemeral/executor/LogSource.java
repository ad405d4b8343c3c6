package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Where the log of a container comes from. Source of the path: Kubernetes 1.31, read log of the specified Pod. */
final class LogSource {
    /**
     * A stream ends after so long, and the next one goes on where it stopped: its connection may be dead without anybody
     * knowing, and one that was cancelled in silence is closed by nothing else.
     */
    static final Duration LONGEST_STREAM = Duration.ofMinutes(5);

    private final String namespace;
    private final String pod;
    private final String container;
    private final String query;

    /** @param query what else to ask for, such as {@code "&tailLines=200"}; usually empty */
    LogSource(String namespace, String pod, String container, String query) {
        this.namespace = namespace;
        this.pod = pod;
        this.container = container;
        this.query = query;
    }

    /**
     * A request for it.
     *
     * @param following whether to go on as it grows
     * @param since a whole second to begin with, or null for the beginning
     */
    HttpRequest request(KubernetesClient client, boolean following, Instant since) {
        String url = client.getMasterUrl() + "api/v1/namespaces/" + namespace + "/pods/" + pod + "/log?container="
                + container + "&timestamps=true" + query + (following ? "&follow=true" : "")
                + (since == null ? "" : "&sinceTime=" + since);
        return client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(url)
                .forStreaming()
                .timeout(LONGEST_STREAM.toMillis(), TimeUnit.MILLISECONDS)
                .build();
    }

    @Override
    public String toString() {
        return namespace + '/' + pod + '/' + container;
    }
}
