package io.jenkins.plugins.ephemeral.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * One watch as a plain request whose answer does not end: a JSON document per line (Kubernetes API concepts, "Efficient
 * detection of changes"). Where the server speaks HTTP/2 it is a stream of the connection that all other requests go
 * over too; the client library's own watches are web sockets, which take a connection each.
 */
final class WatchStream implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(WatchStream.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ANSWER_SECONDS = 20;
    private static final long SPARE_SECONDS = 60;

    private final KubernetesClient api;
    private final Class<? extends HasMetadata> type;
    private final Listener listener;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private CompletableFuture<HttpResponse<AsyncBody>> answer;
    private volatile boolean streaming;
    private volatile boolean closed;

    /** Hears what the stream says, one after the other, on a thread that must not be held. */
    interface Listener {
        /**
         * @param kind ADDED, MODIFIED or DELETED
         * @param object the object as it is, or was last
         */
        void changed(String kind, HasMetadata object);

        /** Everything up to this version of the collection was told. */
        void reached(String resourceVersion);

        /** @param whole whether nothing was lost: its time was over, and it may be gone on with where it was */
        void ended(boolean whole);
    }

    private WatchStream(KubernetesClient api, Class<? extends HasMetadata> type, Listener listener) {
        this.api = api;
        this.type = type;
        this.listener = listener;
    }

    /**
     * Opens one; returns when the server has begun to answer.
     *
     * @param scope a namespace, or empty for all of them
     * @param labels that all objects carry
     * @param resourceVersion to go on from; empty to begin with what is there
     * @param seconds after which the server ends it
     * @throws KubernetesClientException if the server refuses it or does not answer
     */
    static WatchStream open(
            KubernetesClient api,
            Class<? extends HasMetadata> type,
            String scope,
            Map<String, String> labels,
            String resourceVersion,
            int seconds,
            Listener listener) {
        WatchStream stream = new WatchStream(api, type, listener);
        StringBuilder query = new StringBuilder("?watch=true&allowWatchBookmarks=true&timeoutSeconds=").append(seconds);
        query.append("&labelSelector=")
                .append(encoded(labels.entrySet().stream()
                        .map(label -> label.getKey() + '=' + label.getValue())
                        .collect(Collectors.joining(","))));
        if (!resourceVersion.isEmpty()) {
            query.append("&resourceVersion=").append(encoded(resourceVersion));
        }
        stream.send(path(type, scope) + query, seconds);
        return stream;
    }

    private static String path(Class<? extends HasMetadata> type, String scope) {
        String version = HasMetadata.getApiVersion(type);
        return (version.indexOf('/') < 0 ? "api/" : "apis/")
                + version
                + (scope.isEmpty() ? "" : "/namespaces/" + scope)
                + '/'
                + HasMetadata.getPlural(type);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private void send(String relative, int seconds) {
        String server = api.getMasterUrl().toString();
        HttpClient http = api.getHttpClient();
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(URI.create(server + (server.endsWith("/") ? "" : "/") + relative))
                .header("Accept", "application/json")
                .forStreaming()
                // the server ends it before, unless the connection is dead
                .timeout(seconds + SPARE_SECONDS, TimeUnit.SECONDS)
                .build();
        answer = http.consumeBytes(request, (bytes, from) -> {
            if (!closed) {
                take(bytes);
            }
            if (closed) {
                from.cancel();
            } else {
                from.consume();
            }
        });
        try {
            HttpResponse<AsyncBody> response = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            AsyncBody body = response.body();
            streaming = response.isSuccessful();
            body.consume();
            if (!streaming) {
                body.done().get(ANSWER_SECONDS, TimeUnit.SECONDS);
                throw refusal(response);
            }
            body.done().whenComplete((done, failure) -> listener.ended(failure == null));
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("interrupted", e);
        } catch (ExecutionException e) {
            close();
            throw new KubernetesClientException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (TimeoutException e) {
            close();
            throw new KubernetesClientException("no answer", e);
        }
    }

    private KubernetesClientException refusal(HttpResponse<AsyncBody> response) {
        String text = line.toString(StandardCharsets.UTF_8);
        Status status = null;
        try {
            status = JSON.readValue(text, Status.class);
        } catch (IOException e) {
            LOGGER.log(Level.FINEST, "not a status", e); // of a proxy, or of a server that sheds load
        }
        String message = status == null || status.getMessage() == null ? response.message() : status.getMessage();
        return new KubernetesClientException(message, response.code(), status);
    }

    /** Bytes come in any portions: a line may end in the middle of one, and a character between two. */
    private void take(List<ByteBuffer> portions) {
        for (ByteBuffer portion : portions) {
            while (portion.hasRemaining()) {
                byte next = portion.get();
                if (next == '\n' && streaming) {
                    String event = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    if (!closed) {
                        tell(event);
                    }
                } else {
                    line.write(next);
                }
            }
        }
    }

    private void tell(String event) {
        if (event.isBlank()) {
            return;
        }
        try {
            JsonNode read = JSON.readTree(event);
            String kind = read.path("type").asText();
            JsonNode object = read.path("object");
            if (kind.equals("ERROR")) {
                listener.ended(false); // such as that the version to begin at is forgotten
                close();
                return;
            }
            if (!kind.equals("BOOKMARK")) {
                listener.changed(kind, api.getKubernetesSerialization().convertValue(object, type));
            }
            listener.reached(object.path("metadata").path("resourceVersion").asText(""));
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.WARNING, e, () -> "an event of the watch of " + type.getSimpleName());
        }
    }

    /**
     * Ends it: nothing is told any more. The stream itself is given up with the next bytes, which are a bookmark after a
     * minute, or when its time is over. To close it from here while a thread of the client library waits in it is not
     * safe: okio's buffers, and the pool of segments that all connections share, take no two threads at once.
     */
    @Override
    public void close() {
        closed = true;
        answer.cancel(true);
    }
}
