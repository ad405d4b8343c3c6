package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What takes long and holds no thread meanwhile: a run's notifications, and files behind presigned URLs. */
public final class TestkubeStreams {
    private static final int MAX_EVENT_BYTES = 1024 * 1024;
    private static final Duration LONGEST_DOWNLOAD = Duration.ofMinutes(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestkubeExchange exchange;
    private final Function<String, String> executionPath;
    private final Function<String, String> locationPath;

    /**
     * @param executionPath path of a run in the agent's API
     * @param locationPath path of a run in the control plane's own API, which gives presigned URLs; null if there
     *     is none
     */
    TestkubeStreams(
            TestkubeExchange exchange, Function<String, String> executionPath, Function<String, String> locationPath) {
        this.exchange = exchange;
        this.executionPath = executionPath;
        this.locationPath = locationPath;
    }

    /** Hears a stream; called on threads of the HTTP client, one call after the other. */
    public interface Listener {
        /** One frame. */
        void notification(Notification notification);

        /** The stream is over, for whatever reason; open another one if the run is not. */
        void ended();
    }

    /**
     * Opens the notification stream of a run. It is for showing what happens; what came of the run is read by polling.
     *
     * @param executionId the run
     * @param streamId name of our place in the stream, the same whenever it is opened again
     * @param afterSeqNo number of the last frame that was seen, or 0
     */
    public Subscription notifications(String executionId, String streamId, long afterSeqNo, Listener listener)
            throws InterruptedException {
        String path = executionPath.apply(executionId) + "/notifications?streamId=" + RestExchange.segment(streamId)
                + (afterSeqNo > 0 ? "&resumeAfterSeqNo=" + afterSeqNo : "");
        Subscription subscription = new Subscription();
        HttpRequest request =
                exchange.request(path).header("Accept", "text/event-stream").build();
        subscription.opened(
                exchange.start(
                        "following run " + executionId,
                        request,
                        head -> head.statusCode() == 200
                                ? new EventStreamBody(
                                        (id, data) -> deliver(data, subscription, listener),
                                        subscription::alive,
                                        MAX_EVENT_BYTES)
                                : HttpResponse.BodySubscribers.replacing(null)),
                listener::ended);
        return subscription;
    }

    private static void deliver(String data, Subscription subscription, Listener listener) {
        if (subscription.isClosed()) {
            return;
        }
        try {
            listener.notification(TestkubeJson.notification(JSON.readTree(data)));
        } catch (JsonProcessingException e) {
            // a frame that cannot be read is one line less in the console, nothing else
            return;
        }
    }

    /**
     * Fetches a file that a run uploaded: from the presigned URL that the control plane gives, without credentials, or
     * through the control plane itself where it gives none.
     *
     * @param name path as the run gave it
     * @param into the file to write; overwritten
     * @param maxBytes more than this fails
     */
    public Download<Path> artifact(String executionId, String name, Path into, long maxBytes)
            throws InterruptedException {
        // Testkube takes the escapes off this path twice
        String once = RestExchange.segment(name);
        String direct = executionPath.apply(executionId) + "/artifacts/"
                + (name.indexOf('%') < 0 ? once : RestExchange.segment(once));
        return fetch(
                "fetching artifact " + name,
                executionId,
                "/artifacts/" + once,
                direct,
                LimitedBody.of(
                        HttpResponse.BodyHandlers.ofFile(
                                into,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE),
                        maxBytes));
    }

    /** Fetches the last {@code maxBytes} bytes of the log of a run that is over; see {@link #artifact}. */
    public Download<byte[]> logTail(String executionId, int maxBytes) throws InterruptedException {
        return fetch(
                "fetching log of run " + executionId,
                executionId,
                "/logs",
                executionPath.apply(executionId) + "/logs",
                head -> new TailBody(maxBytes));
    }

    private <T> Download<T> fetch(
            String what, String executionId, String locatedAt, String direct, HttpResponse.BodyHandler<T> handler)
            throws InterruptedException {
        RestExchange.Answer located =
                locationPath == null ? null : exchange.send(what, "GET", locationPath.apply(executionId) + locatedAt);
        boolean unknown =
                located == null || located.status() == 404 || located.status() == 405 || located.status() == 501;
        HttpRequest request = unknown
                ? exchange.request(direct).build()
                : RestExchange.requestTo(
                                webAddress(what, located.json().path("url").asText("")))
                        .build();
        RestFaults faults = exchange.faults(what);
        CompletableFuture<HttpResponse<Object>> answer = exchange.start(what, request, head -> body(head, handler));
        CompletableFuture<T> taken = answer.thenApply(response -> {
            if (response.statusCode() != 200) {
                throw faults.of(response.statusCode(), response.headers(), (byte[]) response.body());
            }
            return as(response.body());
        });
        return new Download<>(answer, taken, LONGEST_DOWNLOAD, faults::of);
    }

    /** The body if it is what was asked for, else the beginning of the error page. */
    private static <T> HttpResponse.BodySubscriber<Object> body(
            HttpResponse.ResponseInfo head, HttpResponse.BodyHandler<T> handler) {
        return head.statusCode() == 200
                ? HttpResponse.BodySubscribers.mapping(handler.apply(head), body -> (Object) body)
                : HttpResponse.BodySubscribers.mapping(new TailBody(4096), body -> (Object) body);
    }

    @SuppressWarnings("unchecked")
    private static <T> T as(Object body) {
        return (T) body;
    }

    private URI webAddress(String what, String url) {
        try {
            URI uri = URI.create(url);
            if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below, for both
        }
        throw new UserFault(
                what, "control plane " + exchange.connection().name(), "it gave no http(s) address for it", "");
    }
}
