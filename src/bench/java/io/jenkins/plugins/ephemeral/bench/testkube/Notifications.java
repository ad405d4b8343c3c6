package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened in one execution, in order, for everyone who listens: frames of kind result, output and log, numbered
 * from 1, replayed from any number on; and the log as it is stored when all is over.
 */
final class Notifications {
    private final List<ObjectNode> frames = new ArrayList<>();
    private final StringBuilder log = new StringBuilder();
    private String currentRef = "";
    private boolean ended;

    /**
     * Adds a frame.
     *
     * @param kind {@code result}, {@code output} or {@code log}
     * @param frame its fields besides number and kind
     */
    synchronized void add(String kind, ObjectNode frame) {
        frame.put("seqNo", frames.size() + 1).put("eventType", kind);
        frames.add(frame);
        notifyAll();
    }

    /** Adds a line of output, without its line feed; {@code ref} is empty for the initialization. */
    synchronized void line(String ref, String preciseTime, String line) {
        String text = preciseTime + " " + line + "\n";
        if (!ref.isEmpty() && !ref.equals(currentRef)) {
            currentRef = ref;
            log.append("\n\u0001\u0005\u0006").append(ref).append("\u0003start\u0003\n");
        }
        log.append(text);
        ObjectNode frame = Json.object().put("ts", preciseTime);
        if (!ref.isEmpty()) {
            frame.put("ref", ref);
        }
        add("log", frame.put("log", text));
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized String storedLog() {
        return log.toString();
    }

    /**
     * Sends the frames behind a number as server-sent events until the execution is over.
     *
     * @param after number of the last frame that the listener has
     * @param heartbeat how often to say something if there is nothing to say
     */
    void stream(int after, Duration heartbeat, OutputStream out) throws IOException, InterruptedException {
        int next = after;
        synchronized (this) {
            if (after > frames.size()) {
                // no such frame was ever sent, the listener has to begin anew
                send(out, Json.object().put("eventType", "resume_unavailable"));
                next = 0;
            }
        }
        while (true) {
            List<ObjectNode> news;
            boolean last;
            synchronized (this) {
                if (frames.size() == next && !ended) {
                    wait(heartbeat.toMillis());
                }
                news = List.copyOf(frames.subList(next, frames.size()));
                last = ended;
            }
            for (ObjectNode frame : news) {
                send(out, frame);
            }
            next += news.size();
            if (last) {
                return;
            }
            if (news.isEmpty()) {
                ObjectNode beat = Json.object().put("eventType", "heartbeat");
                send(out, next == 0 ? beat : beat.put("seqNo", next));
            }
        }
    }

    private static void send(OutputStream out, ObjectNode frame) throws IOException {
        StringBuilder event = new StringBuilder();
        if (frame.has("seqNo")) {
            event.append("id: ").append(frame.path("seqNo").asInt()).append('\n');
        }
        event.append("event: ").append(frame.path("eventType").asText()).append('\n');
        event.append("data: ")
                .append(new String(Json.bytes(frame), StandardCharsets.UTF_8))
                .append("\n\n");
        out.write(event.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
