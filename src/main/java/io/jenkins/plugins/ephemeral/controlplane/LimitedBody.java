package io.jenkins.plugins.ephemeral.controlplane;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Stops reading a body that is larger than it may be: the other side decides how much it sends, we decide how much we
 * take.
 *
 * @param <T> what the body becomes
 */
final class LimitedBody<T> implements HttpResponse.BodySubscriber<T> {
    /** More was sent than is taken. */
    static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        TooLarge(long maxBytes) {
            super("the answer is larger than " + maxBytes + " bytes");
        }
    }

    private final HttpResponse.BodySubscriber<T> taker;
    private final long maxBytes;
    private Flow.Subscription subscription;
    private long bytes;
    private boolean over;

    private LimitedBody(HttpResponse.BodySubscriber<T> taker, long maxBytes) {
        this.taker = taker;
        this.maxBytes = maxBytes;
    }

    /** Lets at most {@code maxBytes} through; then the exchange fails with {@link TooLarge}. */
    static <T> HttpResponse.BodyHandler<T> of(HttpResponse.BodyHandler<T> handler, long maxBytes) {
        return head -> new LimitedBody<>(handler.apply(head), maxBytes);
    }

    @Override
    public CompletionStage<T> getBody() {
        return taker.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription toBody) {
        subscription = toBody;
        taker.onSubscribe(toBody);
    }

    @Override
    public void onNext(List<ByteBuffer> chunk) {
        if (over) {
            return;
        }
        for (ByteBuffer buffer : chunk) {
            bytes += buffer.remaining();
        }
        if (bytes > maxBytes) {
            over = true;
            subscription.cancel();
            taker.onError(new TooLarge(maxBytes));
        } else {
            taker.onNext(chunk);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (!over) {
            taker.onError(failure);
        }
    }

    @Override
    public void onComplete() {
        if (!over) {
            taker.onComplete();
        }
    }
}
