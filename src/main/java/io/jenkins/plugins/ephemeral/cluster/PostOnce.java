package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.WebSocket;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP client that sends no POST twice. OkHttp repeats a request by itself when a connection that it had used before
 * breaks without an answer ({@code RetryAndFollowUpInterceptor}); whether the first one took effect it does not know.
 * A body that can be read once only keeps it from that. And no answer is closed under its reader ({@link OneReader}).
 * The connections are those of the client underneath.
 */
final class PostOnce implements HttpClient {
    private final HttpClient client;

    PostOnce(HttpClient client) {
        this.client = client;
    }

    @Override
    public HttpRequest.Builder newHttpRequestBuilder() {
        return new RequestBuilder(client.newHttpRequestBuilder());
    }

    @Override
    public DerivedClientBuilder newBuilder() {
        return new ClientBuilder(client.newBuilder());
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, Class<T> type) {
        return client.sendAsync(request, type);
    }

    @Override
    public CompletableFuture<HttpResponse<AsyncBody>> consumeBytes(
            HttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        return OneReader.send(consumer, reader -> client.consumeBytes(request, reader));
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return client.newWebSocketBuilder();
    }

    @Override
    public boolean isClosed() {
        return client.isClosed();
    }

    @Override
    public void close() {
        client.close();
    }

    private static final class ClientBuilder implements DerivedClientBuilder {
        private final DerivedClientBuilder builder;

        ClientBuilder(DerivedClientBuilder builder) {
            this.builder = builder;
        }

        @Override
        public HttpClient build() {
            return new PostOnce(builder.build());
        }

        @Override
        public DerivedClientBuilder addOrReplaceInterceptor(String name, Interceptor interceptor) {
            builder.addOrReplaceInterceptor(name, interceptor);
            return this;
        }

        @Override
        public DerivedClientBuilder authenticatorNone() {
            builder.authenticatorNone();
            return this;
        }

        @Override
        public DerivedClientBuilder tag(Object value) {
            builder.tag(value);
            return this;
        }
    }

    private static final class RequestBuilder implements HttpRequest.Builder {
        private final HttpRequest.Builder builder;

        RequestBuilder(HttpRequest.Builder builder) {
            this.builder = builder;
        }

        @Override
        public HttpRequest.Builder method(String method, String contentType, String body) {
            if (method.equals("POST") && body != null) {
                return post(contentType, body.getBytes(StandardCharsets.UTF_8));
            }
            builder.method(method, contentType, body);
            return this;
        }

        @Override
        public HttpRequest.Builder post(String contentType, byte[] body) {
            builder.method("POST", contentType, new ReadOnce(body), body.length);
            return this;
        }

        @Override
        public HttpRequest.Builder method(String method, String contentType, InputStream body, long length) {
            builder.method(method, contentType, body, length);
            return this;
        }

        @Override
        public HttpRequest build() {
            return builder.build();
        }

        @Override
        public HttpRequest.Builder uri(String uri) {
            builder.uri(uri);
            return this;
        }

        @Override
        public HttpRequest.Builder url(URL url) {
            builder.url(url);
            return this;
        }

        @Override
        public HttpRequest.Builder uri(URI uri) {
            builder.uri(uri);
            return this;
        }

        @Override
        public HttpRequest.Builder header(String name, String value) {
            builder.header(name, value);
            return this;
        }

        @Override
        public HttpRequest.Builder setHeader(String name, String value) {
            builder.setHeader(name, value);
            return this;
        }

        @Override
        public HttpRequest.Builder expectContinue() {
            builder.expectContinue();
            return this;
        }

        @Override
        public HttpRequest.Builder timeout(long timeout, TimeUnit unit) {
            builder.timeout(timeout, unit);
            return this;
        }

        @Override
        public HttpRequest.Builder forStreaming() {
            builder.forStreaming();
            return this;
        }
    }

    /** Refuses to begin again. */
    private static final class ReadOnce extends InputStream {
        private final InputStream bytes;
        private boolean ended;

        ReadOnce(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (ended) {
                throw new IOException("the connection broke before the answer");
            }
            int count = bytes.read(buffer, offset, length);
            ended = count < 0;
            return count;
        }

        @Override
        public void close() {
            ended = true;
        }
    }
}
