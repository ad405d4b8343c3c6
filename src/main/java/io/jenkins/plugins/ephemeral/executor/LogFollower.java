package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.Urgency;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Follows the log of one container. It holds no thread of ours: bytes come in on threads of the HTTP client, one line
 * is printed before the next one is read. After any break it goes on where it stopped; once the container is over, it
 * reads the rest, so that nothing is missing, unless the stream that was open came to its own end after the container's
 * was known, without trouble: then it has read the rest. Turns call {@link #look}, which opens streams and never waits.
 *
 * <p>Whether a stage did well is never decided from here.
 */
final class LogFollower {
    /** How much of a line is shown. */
    static final int LONGEST_LINE_BYTES = 64 * 1024;

    /** A timestamp and a space come before each line. */
    private static final int LONGEST_TIMESTAMP = 40;

    private static final int MOST_FINAL_READS = 6;

    private final Cluster cluster;
    private final LogSource source;
    private final String pod;
    private final LogPosition position;
    private final LogSink sink;
    private final Runnable wake;

    private Stream stream;
    private boolean closed;
    private boolean drained;
    private final LogPace pace = new LogPace();
    private int finalReads;
    private boolean endedWell;

    /**
     * @param cluster the cluster
     * @param namespace namespace of the Pod
     * @param pod name of the Pod
     * @param container name of the container
     * @param position where to begin
     * @param query what else to ask for, such as {@code "&tailLines=200"}; usually empty
     * @param sink takes the lines
     * @param wake called when a stream ended; never blocks
     */
    LogFollower(
            Cluster cluster,
            String namespace,
            String pod,
            String container,
            LogPosition position,
            String query,
            LogSink sink,
            Runnable wake) {
        this.cluster = cluster;
        this.source = new LogSource(namespace, pod, container, query);
        this.pod = pod;
        this.position = position;
        this.sink = sink;
        this.wake = wake;
    }

    /**
     * Opens what has to be open.
     *
     * @param containerOver whether the container is over, so that its log will not grow any more
     * @param podGone whether the Pod is gone, so that there is nothing to read any more
     */
    void look(boolean containerOver, boolean podGone) {
        Stream opening;
        synchronized (this) {
            if (closed || drained) {
                return;
            }
            long now = System.nanoTime();
            if (containerOver) {
                pace.over(now);
            }
            if (stream != null) {
                dropIfUseless(now, podGone);
            }
            if (stream == null && podGone) {
                giveUp("Pod " + pod + " is gone: the end of its log could not be read.");
                return;
            }
            // the rest is read at once when the stream ended as it should
            boolean restIsDue = pace.isOver() && endedWell && finalReads == 0;
            if (stream != null || !pace.isDue(now) && !restIsDue) {
                return;
            }
            opening = new Stream(!pace.isOver());
            stream = opening;
        }
        open(opening);
    }

    /** Whether everything that there is to read was printed, or given up with a notice. */
    synchronized boolean isDrained() {
        return drained;
    }

    /** How long until {@link #look} has something to do. */
    synchronized Duration untilNextLook() {
        if (drained || closed) {
            return LogPace.LONGEST;
        }
        if (stream == null) {
            return pace.untilNextRequest();
        }
        return stream.following ? pace.untilLingered(stream.heardNanos) : LogPace.LONGEST;
    }

    /** Ends it; nothing is printed after this. */
    void close() {
        Stream open;
        synchronized (this) {
            closed = true;
            open = stream;
            stream = null;
        }
        if (open != null) {
            open.request.cancel();
        }
    }

    private void dropIfUseless(long now, boolean podGone) {
        boolean lingers =
                podGone ? pace.hasLingeredGone(now) : stream.following && pace.hasLingered(now, stream.heardNanos);
        if (lingers) {
            stream.request.cancel();
            stream = null;
        }
    }

    private void open(Stream opening) {
        try {
            Turn.urgency(opening.following ? Urgency.USUAL : Urgency.ENDING);
            CompletableFuture<HttpResponse<AsyncBody>> response =
                    cluster.call("following log", source.toString(), client -> opening.send(client));
            response.whenComplete(opening::answered);
        } catch (UserFault fault) {
            // no right to read logs: the stage goes on without
            if (drop(opening)) {
                giveUp(fault.getMessage() + " The log is not shown.");
            }
        } catch (RuntimeException e) {
            drop(opening);
            throw e;
        }
    }

    private synchronized boolean drop(Stream opening) {
        boolean mine = stream == opening;
        stream = mine ? null : stream;
        return mine;
    }

    private synchronized void giveUp(String notice) {
        drained = true;
        sink.notice(notice);
    }

    /** One request; the follower's monitor guards it. */
    private final class Stream implements AsyncBody.Consumer<List<ByteBuffer>> {
        final boolean following;
        final LineSplitter splitter;
        private final long openedNanos = System.nanoTime();
        volatile long heardNanos = openedNanos;
        private final LogRequest request = new LogRequest();
        private boolean saidGap;
        private boolean troubled;
        private boolean heard;

        Stream(boolean following) {
            this.following = following;
            this.splitter = new LineSplitter(LONGEST_LINE_BYTES + LONGEST_TIMESTAMP, this::line);
        }

        CompletableFuture<HttpResponse<AsyncBody>> send(KubernetesClient client) {
            Instant since;
            synchronized (LogFollower.this) {
                since = position.resume();
            }
            CompletableFuture<HttpResponse<AsyncBody>> sent =
                    client.getHttpClient().consumeBytes(source.request(client, following, since), this);
            request.sent(sent);
            return sent;
        }

        void answered(HttpResponse<AsyncBody> answer, Throwable failure) {
            boolean wanted = request.answered(answer == null ? null : answer.body());
            if (wanted && answer != null && answer.isSuccessful()) {
                answer.body().done().whenComplete((nothing, broken) -> over(broken, 0));
                answer.body().consume();
            } else {
                if (answer != null) {
                    answer.body().cancel();
                }
                over(failure, answer == null ? 0 : answer.code());
            }
        }

        @Override
        public void consume(List<ByteBuffer> buffers, AsyncBody from) {
            synchronized (LogFollower.this) {
                if (stream != this || closed) {
                    from.cancel();
                    return;
                }
                heardNanos = System.nanoTime();
                buffers.forEach(splitter::take);
                sink.position(position.toString());
            }
            from.consume();
        }

        private void line(byte[] bytes, int length, long cutBytes) {
            LogLine line = LogLine.read(bytes, length);
            String text = LogText.shown(line.text(), cutBytes);
            if (line.timestamp() == null) {
                // not of the container: the node's own words about why it cannot send the log
                troubled = true;
                sink.notice("The node says: " + text);
                return;
            }
            heard = true;
            if (position.take(line.timestamp())) {
                if (position.hasGap() && !saidGap) {
                    saidGap = true;
                    sink.notice("Some lines before this one are missing: the node has rotated the log.");
                }
                sink.line(text);
            }
        }

        /** @param broken why it broke off, or null if it ended as it should */
        private void over(Throwable broken, int code) {
            synchronized (LogFollower.this) {
                if (stream != this || closed) {
                    return;
                }
                stream = null;
                boolean whole = broken == null && code == 0;
                endedWell = whole;
                if (whole) {
                    splitter.finish();
                    sink.position(position.toString());
                }
                if (following) {
                    // it went on past the container's end, so it is as good as the last read would be
                    drained = whole && pace.isOver() && !troubled;
                } else {
                    finalReads++;
                    if (whole) {
                        drained = true;
                    } else if (code == 404) {
                        giveUp("Pod " + pod + " is gone: the end of its log could not be read.");
                    } else if (code == 403) {
                        giveUp("The log is not shown (HTTP status 403): grant Jenkins' identity the verb get on"
                                + " pods/log, as docs/rbac.md says.");
                    } else if (finalReads >= MOST_FINAL_READS) {
                        giveUp("The end of the log of Pod " + pod + " could not be read"
                                + (code == 0 ? ": " + broken : " (HTTP status " + code + ")") + ".");
                    }
                }
                boolean hadItsTime = System.nanoTime() - openedNanos >= LogSource.LONGEST_STREAM.toNanos();
                pace.broke(heard || hadItsTime);
            }
            wake.run();
        }
    }
}
