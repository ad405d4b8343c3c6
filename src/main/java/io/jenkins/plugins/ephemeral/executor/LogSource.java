package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.time.Instant;

/** Where the log of a container comes from. Source of the path: Kubernetes 1.31, read log of the specified Pod. */
final class LogSource {
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
                .build();
    }

    @Override
    public String toString() {
        return namespace + '/' + pod + '/' + container;
    }
}
