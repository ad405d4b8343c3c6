package io.jenkins.plugins.ephemeral.controlplane;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.BiConsumer;

/**
 * Reads server-sent events (WHATWG HTML, "Interpreting an event stream") as they come and hands over the data of each.
 * The client library's own line subscriber keeps a line of any length in memory; this one leaves out what is too long.
 */
final class EventStreamBody implements HttpResponse.BodySubscriber<Void> {
    private final CompletableFuture<Void> body = new CompletableFuture<>();
    private final BiConsumer<String, String> events;
    private final Runnable alive;
    private final int maxEventBytes;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private String lastId = "";
    private boolean hasData;
    private boolean tooLong;
    private Flow.Subscription subscription;

    /**
     * @param events called with the last id that was sent and the data of each event, one after the other
     * @param alive called whenever anything arrives, comments included
     * @param maxEventBytes longer events are left out
     */
    EventStreamBody(BiConsumer<String, String> events, Runnable alive, int maxEventBytes) {
        this.events = events;
        this.alive = alive;
        this.maxEventBytes = maxEventBytes;
    }

    @Override
    public CompletionStage<Void> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription toBody) {
        subscription = toBody;
        subscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> chunk) {
        alive.run();
        for (ByteBuffer buffer : chunk) {
            while (buffer.hasRemaining()) {
                take(buffer.get());
            }
        }
        subscription.request(1);
    }

    private void take(byte next) {
        if (next == '\n') {
            endOfLine();
            line.reset();
        } else if (next == '\r') {
            return; // before a line feed; alone it is no line end in what is sent to us
        } else if (line.size() + data.length() < maxEventBytes) {
            line.write(next);
        } else {
            tooLong = true;
        }
    }

    private void endOfLine() {
        if (line.size() == 0) {
            if (hasData && !tooLong) {
                events.accept(lastId, data.toString());
            }
            data.setLength(0);
            hasData = false;
            tooLong = false;
            return;
        }
        String text = line.toString(StandardCharsets.UTF_8);
        if (text.startsWith("data:")) {
            if (hasData) {
                data.append('\n');
            }
            hasData = true;
            data.append(text, text.startsWith("data: ") ? 6 : 5, text.length());
        } else if (text.startsWith("id:")) {
            lastId = text.substring(text.startsWith("id: ") ? 4 : 3);
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(null);
    }
}
