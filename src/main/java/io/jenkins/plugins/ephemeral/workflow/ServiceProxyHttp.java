package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import java.io.ByteArrayOutputStream;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Requests to an agent's own API by the API server's service proxy ({@code services/NAME:PORT/proxy}, right
 * {@code services/proxy}), with the cluster's credentials: the agent has none, and the host of a request is not looked
 * at. Goes through the cluster's limiter and gate like every request to it.
 */
final class ServiceProxyHttp extends HttpClient {
    private final Cluster cluster;
    private final String namespace;
    private final String service;

    /** @param address {@code namespace/service:port} */
    ServiceProxyHttp(Cluster cluster, String address) {
        this.cluster = cluster;
        this.namespace = address.substring(0, address.indexOf('/'));
        this.service = address.substring(address.indexOf('/') + 1);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        ProxiedExchange<T> exchange = new ProxiedExchange<>(request, handler);
        CompletableFuture<io.fabric8.kubernetes.client.http.HttpResponse<AsyncBody>> head =
                cluster.call("asking agent", namespace + "/services/" + service, client -> client.getHttpClient()
                        .consumeBytes(proxied(client, request), exchange));
        return exchange.begin(head);
    }

    private io.fabric8.kubernetes.client.http.HttpRequest proxied(KubernetesClient client, HttpRequest request) {
        String query = request.uri().getRawQuery();
        String uri = client.getMasterUrl().toString().replaceAll("/+$", "") + "/api/v1/namespaces/" + namespace
                + "/services/" + service + "/proxy" + request.uri().getRawPath() + (query == null ? "" : '?' + query);
        String accept = request.headers().firstValue("Accept").orElse("*/*");
        String type = request.headers().firstValue("Content-Type").orElse("application/json");
        String body = request.bodyPublisher()
                .filter(publisher -> publisher.contentLength() != 0)
                .map(ServiceProxyHttp::text)
                .orElse(request.method().equals("GET") ? null : "");
        var proxied = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(uri)
                .setHeader("Accept", accept)
                .method(request.method(), body == null ? null : type, body);
        return (accept.equals("text/event-stream") ? proxied.forStreaming() : proxied).build();
    }

    /** The body of a request, which is a text that is there already. */
    private static String text(HttpRequest.BodyPublisher publisher) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        publisher.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(ByteBuffer item) {
                byte[] part = new byte[item.remaining()];
                item.get(part);
                bytes.writeBytes(part);
            }

            @Override
            public void onError(Throwable failure) {
                throw new IllegalStateException(failure);
            }

            @Override
            public void onComplete() {
                // all of it was pushed
            }
        });
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, HttpResponse.BodyHandler<T> handler, HttpResponse.PushPromiseHandler<T> pushes) {
        return sendAsync(request, handler);
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        return sendAsync(request, handler).join();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return Optional.empty();
    }

    @Override
    public Redirect followRedirects() {
        return Redirect.NEVER;
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.empty();
    }

    @Override
    public SSLContext sslContext() {
        throw new UnsupportedOperationException("the cluster's client has it");
    }

    @Override
    public SSLParameters sslParameters() {
        return new SSLParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.empty();
    }

    @Override
    public Version version() {
        return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.empty();
    }
}
