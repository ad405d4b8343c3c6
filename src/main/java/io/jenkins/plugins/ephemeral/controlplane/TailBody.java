package io.jenkins.plugins.ephemeral.controlplane;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Keeps the last bytes of a body, however long it is and however long its lines are. */
final class TailBody implements HttpResponse.BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final int maxBytes;
    private byte[] ring;
    private long written;

    TailBody(int maxBytes) {
        this.maxBytes = maxBytes;
        ring = new byte[Math.min(maxBytes, 64 * 1024)];
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> chunk) {
        for (ByteBuffer buffer : chunk) {
            grow(buffer.remaining());
            int skipped = Math.max(0, buffer.remaining() - ring.length);
            buffer.position(buffer.position() + skipped);
            written += skipped;
            while (buffer.hasRemaining()) {
                int at = (int) (written % ring.length);
                int length = Math.min(buffer.remaining(), ring.length - at);
                buffer.get(ring, at, length);
                written += length;
            }
        }
    }

    /** As long as nothing was overwritten, what is there begins at 0. */
    private void grow(int more) {
        if (ring.length < maxBytes && written + more > ring.length) {
            long wanted = Math.max(written + more, 2L * ring.length);
            ring = Arrays.copyOf(ring, (int) Math.min(maxBytes, wanted));
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        int length = (int) Math.min(written, ring.length);
        byte[] tail = new byte[length];
        int from = (int) ((written - length) % ring.length);
        int first = Math.min(length, ring.length - from);
        System.arraycopy(ring, from, tail, 0, first);
        System.arraycopy(ring, 0, tail, first, length - first);
        body.complete(tail);
    }
}
