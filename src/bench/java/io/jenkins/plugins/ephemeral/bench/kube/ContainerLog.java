package io.jenkins.plugins.ephemeral.bench.kube;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What one container wrote, line by line with the time of each. */
final class ContainerLog {
    /** One line, without its end. */
    record Line(Instant time, String text) {}

    private final List<Line> lines = new ArrayList<>();
    private final List<Follower> followers = new ArrayList<>();
    private boolean ended;

    private record Follower(Consumer<Line> line, Runnable end) {}

    void readFrom(InputStream stream) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(line);
            }
        } catch (IOException closed) {
            // the process was killed while it wrote: what came until then stays
        }
    }

    private synchronized void add(String text) {
        Line line = new Line(Instant.now(), text);
        lines.add(line);
        followers.forEach(f -> f.line().accept(line));
    }

    synchronized void end() {
        ended = true;
        followers.forEach(f -> f.end().run());
        followers.clear();
    }

    synchronized List<Line> lines() {
        return List.copyOf(lines);
    }

    /** Hands over the lines so far and, unless the log has ended, every later one and the end. */
    synchronized void follow(Consumer<List<Line>> sofar, Consumer<Line> later, Runnable end) {
        sofar.accept(List.copyOf(lines));
        if (ended) {
            end.run();
        } else {
            followers.add(new Follower(later, end));
        }
    }
}
