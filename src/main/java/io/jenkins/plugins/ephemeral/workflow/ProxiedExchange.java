package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLSession;

/**
 * One request that the cluster's client makes, seen as one of Java's: hands the body on piece by piece, holds no thread,
 * and lets go of it when the answer is not wanted any more.
 *
 * @param <T> what the body becomes
 */
final class ProxiedExchange<T> implements AsyncBody.Consumer<List<ByteBuffer>> {
    private final HttpRequest request;
    private final HttpResponse.BodyHandler<T> handler;
    private final CompletableFuture<HttpResponse<T>> answer = new CompletableFuture<>();
    private volatile HttpResponse.BodySubscriber<T> subscriber;

    ProxiedExchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        this.request = request;
        this.handler = handler;
    }

    /** The answer to come. */
    CompletableFuture<HttpResponse<T>> begin(
            CompletableFuture<io.fabric8.kubernetes.client.http.HttpResponse<AsyncBody>> head) {
        head.whenComplete((response, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                arrived(response);
            }
        });
        answer.whenComplete((result, failure) -> {
            if (failure != null) {
                head.thenAccept(response -> response.body().cancel());
            }
        });
        return answer;
    }

    private void arrived(io.fabric8.kubernetes.client.http.HttpResponse<AsyncBody> response) {
        Head head = new Head(response.code(), HttpHeaders.of(response.headers(), (name, value) -> true));
        AsyncBody body = response.body();
        subscriber = handler.apply(head);
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long pieces) {
                // each piece is taken as it comes
            }

            @Override
            public void cancel() {
                body.cancel();
            }
        });
        body.done().whenComplete((nothing, failure) -> {
            if (failure == null) {
                subscriber.onComplete();
            } else {
                subscriber.onError(failure);
            }
        });
        subscriber.getBody().whenComplete((taken, failure) -> {
            if (failure == null) {
                answer.complete(new Taken<>(request, head, taken));
            } else {
                answer.completeExceptionally(failure);
            }
        });
        body.consume();
    }

    @Override
    public void consume(List<ByteBuffer> pieces, AsyncBody body) {
        subscriber.onNext(pieces);
        body.consume();
    }

    /** Status and headers. */
    private static final class Head implements HttpResponse.ResponseInfo {
        private final int status;
        private final HttpHeaders headers;

        Head(int status, HttpHeaders headers) {
            this.status = status;
            this.headers = headers;
        }

        @Override
        public int statusCode() {
            return status;
        }

        @Override
        public HttpHeaders headers() {
            return headers;
        }

        @Override
        public HttpClient.Version version() {
            return HttpClient.Version.HTTP_1_1;
        }
    }

    /** The whole answer. */
    private static final class Taken<T> implements HttpResponse<T> {
        private final HttpRequest request;
        private final Head head;
        private final T body;

        Taken(HttpRequest request, Head head, T body) {
            this.request = request;
            this.head = head;
            this.body = body;
        }

        @Override
        public int statusCode() {
            return head.statusCode();
        }

        @Override
        public HttpRequest request() {
            return request;
        }

        @Override
        public Optional<HttpResponse<T>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public HttpHeaders headers() {
            return head.headers();
        }

        @Override
        public T body() {
            return body;
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return Optional.empty();
        }

        @Override
        public URI uri() {
            return request.uri();
        }

        @Override
        public HttpClient.Version version() {
            return head.version();
        }
    }
}
