package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.Download;
import io.jenkins.plugins.ephemeral.controlplane.SecretMask;
import io.jenkins.plugins.ephemeral.controlplane.Subscription;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeStep;
import io.jenkins.plugins.ephemeral.executor.LogTail;
import io.jenkins.plugins.ephemeral.executor.LogText;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Prints the log of a job's steps. While a step runs its lines are streamed, and the stream is resumed by the id of the
 * last line; when it is over, what is stored of it is read once, and what was not printed of it is. A Terrakube that
 * streams nothing (before 2.33) is heard at the end of each step. No verdict depends on it.
 */
final class JobLog {
    private static final Duration SILENCE = Duration.ofSeconds(60);
    /** Whoever ends a stream at once is not asked again at once. */
    private static final Duration REOPENED_AFTER = Duration.ofSeconds(1);

    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_STORED = 8 * 1024 * 1024;
    private static final int REMEMBERED = 200;

    private final JobSight sight;
    private final LogTail tail;
    private Subscription subscription;
    private String streamed;
    private long openedNanos = System.nanoTime() - REOPENED_AFTER.toNanos();
    private volatile boolean ended;
    private volatile boolean unsupported;
    private Download<byte[]> download;
    private String downloaded;
    private String trouble;

    JobLog(JobSight sight, LogTail tail) {
        this.sight = sight;
        this.tail = tail;
    }

    /** The steps that are over before this stage began with the job: their logs were printed by another stage. */
    void skipOver(TerrakubeJob job) {
        for (TerrakubeStep step : job.steps()) {
            if (step.isOver()) {
                sight.state().printed.put(step.id(), -1);
            }
        }
    }

    /** Follows what runs and reads what is over; {@code wake} is called when there is more to do. */
    void follow(TerrakubeClient client, TerrakubeJob job, Runnable wake) throws InterruptedException {
        TerrakubeStep running = job.running().orElse(null);
        if (streamed != null && !ended && isSilent()) {
            close();
        }
        for (TerrakubeStep step : job.steps()) {
            boolean heard = !step.id().equals(streamed) || ended;
            if (step.hasRun() && heard && !isRead(step)) {
                read(client, step, wake);
                return; // one after the other, in their order, before the next one is streamed
            }
        }
        boolean open = streamed != null && !ended;
        boolean pause = System.nanoTime() - openedNanos < REOPENED_AFTER.toNanos();
        if (running != null && !unsupported && !open && !pause && isPlaceKnown(job)) {
            stream(client, running, wake);
        }
    }

    /**
     * Whether it is known where in the job's stream the step begins: the stream may hold the lines of the steps before.
     * If one of those was over before it was seen running, the rest is heard at the end of each step.
     */
    private boolean isPlaceKnown(TerrakubeJob job) {
        return !sight.state().logPosition.isEmpty() || job.steps().stream().noneMatch(TerrakubeStep::hasRun);
    }

    private boolean isSilent() {
        return subscription.silentFor().compareTo(SILENCE) > 0;
    }

    private boolean isRead(TerrakubeStep step) {
        return Integer.valueOf(-1).equals(sight.state().printed.get(step.id()));
    }

    /** Whether all that ran was printed. */
    boolean isDrained(TerrakubeJob job) {
        return job.steps().stream().allMatch(step -> !step.hasRun() || isRead(step));
    }

    /** Why something is missing, or null. */
    String trouble() {
        return trouble;
    }

    private void stream(TerrakubeClient client, TerrakubeStep step, Runnable wake) throws InterruptedException {
        close();
        ended = false;
        openedNanos = System.nanoTime();
        streamed = step.id();
        TerrakubeState state = sight.state();
        subscription = client.followLog(
                state.organizationId, state.jobId, step.id(), state.logPosition, new TerrakubeClient.LogListener() {
                    @Override
                    public void line(String id, String text) {
                        for (String line : text.split("\n", -1)) {
                            print(step, line);
                        }
                        state.logPosition = id;
                    }

                    @Override
                    public void ended(int status) {
                        unsupported = status / 100 == 4 && status != 408 && status != 429;
                        ended = true;
                        wake.run();
                    }
                });
    }

    private void read(TerrakubeClient client, TerrakubeStep step, Runnable wake) throws InterruptedException {
        if (!step.id().equals(downloaded)) {
            TerrakubeState state = sight.state();
            download = client.log(state.organizationId, state.jobId, step.id(), MAX_STORED);
            downloaded = step.id();
            download.whenDone(wake);
        }
        if (!download.isDone()) {
            return;
        }
        downloaded = null;
        try {
            rest(step, download.result());
        } catch (TransientFault fault) {
            trouble = fault.getMessage();
            return;
        } catch (Fault fault) {
            sight.say("the rest of the log of step " + step.name() + " is missing: " + fault.getMessage());
        }
        trouble = null;
        sight.state().printed.put(step.id(), -1);
    }

    /** Prints what was not printed while the step ran. */
    private void rest(TerrakubeStep step, byte[] stored) {
        List<String> lines = Arrays.asList(new String(stored, StandardCharsets.UTF_8).split("\n"));
        int size = stored.length == 0 ? 0 : lines.size();
        int printed = sight.state().printed.getOrDefault(step.id(), 0);
        int from = printed;
        if (stored.length == MAX_STORED) {
            from = printed == 0 ? 0 : size;
            sight.say("the log of step " + step.name() + " is longer than " + MAX_STORED / 1024 / 1024
                    + " MiB: not all of it is here");
        } else if (printed > 0 && !isLast(lines, size, printed)) {
            from = size;
            while (from > 0 && !cut(shown(lines.get(from - 1))).equals(sight.state().lastLine)) {
                from--;
            }
            if (from == 0) {
                sight.say("what was shown of step " + step.name() + " is not in its stored log, which follows");
            }
        }
        for (int i = from; i < size; i++) {
            print(step, lines.get(i));
        }
    }

    private boolean isLast(List<String> lines, int size, int printed) {
        return printed <= size && cut(shown(lines.get(printed - 1))).equals(sight.state().lastLine);
    }

    private synchronized void print(TerrakubeStep step, String line) {
        String text = shown(line);
        TerrakubeState state = sight.state();
        sight.show(step.name(), text);
        tail.add(text);
        state.lastLine = cut(text);
        state.logLines++;
        state.printed.merge(step.id(), 1, Integer::sum);
    }

    private static String shown(String line) {
        String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        int over = text.length() - MAX_LINE;
        return LogText.shown(SecretMask.mask(over > 0 ? text.substring(0, MAX_LINE) : text), Math.max(0, over));
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(REMEMBERED, text.length()));
    }

    /** Ends what is streamed and fetched. */
    void letGo() {
        close();
        if (download != null) {
            download.close();
        }
    }

    private void close() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
            streamed = null;
        }
    }
}
