package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * The body of an answer that comes in pieces, never closed under the thread that reads it. The client's own {@code
 * cancel} closes the source at once, whose buffer (okio's) is not made for two threads: a reader in it may go on for
 * ever. Here a cancel while somebody reads only says so; the reader closes it when the next piece has come or the stream
 * has ended. So a stream that may be silent needs a time limit of its own (a call that runs into it closes its socket,
 * and leaves the buffer to the reader).
 */
final class OneReader implements AsyncBody, AsyncBody.Consumer<List<ByteBuffer>> {
    private final AsyncBody.Consumer<List<ByteBuffer>> consumer;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private AsyncBody body;
    /** Whether a thread reads, or does something with what it has read. */
    private boolean busy;

    /** Whether the next piece was asked for. */
    private boolean wanted;

    private boolean cancelled;

    private OneReader(AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        this.consumer = consumer;
    }

    /** A request whose answer's body is read by one. */
    interface Sending {
        CompletableFuture<HttpResponse<AsyncBody>> send(AsyncBody.Consumer<List<ByteBuffer>> consumer);
    }

    /** Sends it; the future can be cancelled as long as there is no answer. */
    static CompletableFuture<HttpResponse<AsyncBody>> send(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, Sending request) {
        OneReader reader = new OneReader(consumer);
        CompletableFuture<HttpResponse<AsyncBody>> sent = request.send(reader);
        CompletableFuture<HttpResponse<AsyncBody>> answered = new CompletableFuture<>();
        sent.whenComplete((answer, failure) -> {
            if (failure != null) {
                answered.completeExceptionally(failure);
            } else if (!answered.complete(reader.answer(answer))) {
                reader.cancel();
            }
        });
        answered.whenComplete((answer, failure) -> {
            if (answered.isCancelled()) {
                sent.cancel(true);
            }
        });
        return answered;
    }

    private HttpResponse<AsyncBody> answer(HttpResponse<AsyncBody> answer) {
        synchronized (this) {
            body = answer.body();
        }
        answer.body().done().whenComplete((nothing, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
        return new Answer(answer, this);
    }

    @Override
    public void consume() {
        synchronized (this) {
            if (cancelled) {
                return;
            }
            busy = true;
            wanted = true;
        }
        body.consume();
    }

    /** Called by the thread that reads, which reads no further before it is asked to. */
    @Override
    public void consume(List<ByteBuffer> piece, AsyncBody from) throws Exception {
        synchronized (this) {
            wanted = false;
        }
        try {
            if (!isCancelled()) {
                consumer.consume(piece, this);
            }
        } finally {
            boolean close;
            synchronized (this) {
                busy = wanted && !cancelled;
                close = cancelled;
            }
            if (close) {
                from.cancel();
            }
        }
    }

    @Override
    public <U> U unwrap(Class<U> target) {
        return consumer.unwrap(target);
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    @Override
    public CompletableFuture<Void> done() {
        return done;
    }

    @Override
    public void cancel() {
        boolean now;
        synchronized (this) {
            now = !busy && !cancelled;
            cancelled = true;
        }
        if (now) {
            body.cancel();
        }
        done.completeExceptionally(new CancellationException("it was cancelled"));
    }

    /** An answer with that body. */
    private static final class Answer implements HttpResponse<AsyncBody> {
        private final HttpResponse<AsyncBody> answer;
        private final AsyncBody body;

        Answer(HttpResponse<AsyncBody> answer, AsyncBody body) {
            this.answer = answer;
            this.body = body;
        }

        @Override
        public int code() {
            return answer.code();
        }

        @Override
        public AsyncBody body() {
            return body;
        }

        @Override
        public HttpRequest request() {
            return answer.request();
        }

        @Override
        public Optional<HttpResponse<?>> previousResponse() {
            return answer.previousResponse();
        }

        @Override
        public List<String> headers(String name) {
            return answer.headers(name);
        }

        @Override
        public Map<String, List<String>> headers() {
            return answer.headers();
        }
    }
}
