package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request to a control plane: authenticated, bounded in time and size, through the gate. What it comes back with is
 * looked at by the operation, which knows which statuses mean something.
 */
abstract class RestExchange {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final long MAX_BODY_BYTES = 32L * 1024 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An answer. */
    static final class Answer {
        private final HttpResponse<byte[]> response;
        private final RestFaults faults;

        private Answer(HttpResponse<byte[]> response, RestFaults faults) {
            this.response = response;
            this.faults = faults;
        }

        int status() {
            return response.statusCode();
        }

        byte[] body() {
            return response.body();
        }

        boolean isSuccess() {
            return status() >= 200 && status() < 300;
        }

        /** This answer if it is a success. */
        Answer orFail() {
            if (!isSuccess()) {
                throw fault();
            }
            return this;
        }

        /** What it means that this is no success. */
        Fault fault() {
            return faults.of(status(), response.headers(), body());
        }

        /** The JSON of a success. */
        JsonNode json() {
            orFail();
            try {
                JsonNode node = JSON.readTree(body());
                if (node == null || !node.isContainerNode()) {
                    throw faults.unreadable(body(), null);
                }
                return node;
            } catch (IOException e) {
                throw faults.unreadable(body(), e);
            }
        }
    }

    private final String product;
    private final HttpClient http;
    private final Outside outside;

    /** @param product whose API it is; names the calls at the gate */
    RestExchange(String product, HttpClient http, Outside outside) {
        this.product = product;
        this.http = http;
        this.outside = outside;
    }

    /** Base URL of the API. */
    abstract String apiUrl();

    /** The token, as it is now. */
    abstract String apiToken();

    /** What the errors of one call mean. */
    abstract RestFaults faults(String what);

    /** Media types that answers may have. */
    abstract String accept();

    /** Sends without a body. */
    Answer send(String what, String method, String path) throws InterruptedException {
        return send(what, method, path, null, HttpRequest.BodyPublishers.noBody());
    }

    /** Sends a text of that media type. */
    Answer send(String what, String method, String path, String type, String body) throws InterruptedException {
        return send(what, method, path, type, HttpRequest.BodyPublishers.ofString(body));
    }

    private Answer send(String what, String method, String path, String type, HttpRequest.BodyPublisher body)
            throws InterruptedException {
        RestFaults faults = faults(what);
        try {
            HttpRequest.Builder request = request(path).method(method, body).header("Accept", accept());
            if (type != null) {
                request.header("Content-Type", type);
            }
            HttpRequest built = request.build();
            return new Answer(
                    outside.call(
                            point(what),
                            () -> await(
                                    http,
                                    built,
                                    LimitedBody.of(HttpResponse.BodyHandlers.ofByteArray(), MAX_BODY_BYTES))),
                    faults);
        } catch (InterruptedException | Fault e) {
            throw e;
        } catch (Exception e) {
            throw faults.of(e);
        }
    }

    /** The client's own timeout ends with the head of an answer; this one covers the body too. */
    static <T> HttpResponse<T> await(HttpClient http, HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws Exception {
        CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, handler);
        try {
            return answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException e) {
            answer.cancel(true);
            throw e;
        }
    }

    /** An authenticated request below the API's URL. */
    HttpRequest.Builder request(String path) {
        return requestTo(URI.create(apiUrl().replaceAll("/+$", "") + path))
                .header("Authorization", "Bearer " + apiToken());
    }

    /** A request without any credentials. */
    static HttpRequest.Builder requestTo(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("User-Agent", "ephemeral-environments");
        // over plain http the client would offer an upgrade that some proxies answer wrongly
        return "http".equals(uri.getScheme()) ? request.version(HttpClient.Version.HTTP_1_1) : request;
    }

    /** Starts an exchange that goes on without a thread. */
    <T> CompletableFuture<HttpResponse<T>> start(String what, HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws InterruptedException {
        try {
            return outside.call(point(what), () -> http.sendAsync(request, handler));
        } catch (InterruptedException | Fault e) {
            throw e;
        } catch (Exception e) {
            throw faults(what).of(e);
        }
    }

    /** One path segment. */
    static String segment(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The first two words: {@code "creating agent"}. */
    private String point(String what) {
        int end = what.indexOf(' ', what.indexOf(' ') + 1);
        return product + ": " + (end < 0 ? what : what.substring(0, end));
    }
}
