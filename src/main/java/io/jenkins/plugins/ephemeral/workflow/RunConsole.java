package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.Notification;
import io.jenkins.plugins.ephemeral.controlplane.Subscription;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeStreams;
import io.jenkins.plugins.ephemeral.outside.Console;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Prints what a run logs while it goes on, with the step in front. For showing only: what came of the run is read by
 * polling, and the whole log is fetched at its end. Resumed by the number of the last frame, without doubles.
 */
final class RunConsole implements TestkubeStreams.Listener, AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final WorkflowRunState.Run run;
    private final Console console;
    private final Runnable wake;
    private final Map<String, StringBuilder> pending = new HashMap<>();
    private Subscription subscription;
    private volatile TestkubeExecution known;
    private volatile boolean ended;
    private boolean opened;

    RunConsole(WorkflowRunState.Run run, Console console, Runnable wake) {
        this.run = run;
        this.console = console;
        this.wake = wake;
    }

    /** Makes sure that the stream is open; it is opened again when it ended or fell silent. */
    void follow(TestkubeClient client, TestkubeExecution seen) throws InterruptedException {
        known = seen;
        boolean silent = subscription != null && subscription.silentFor().compareTo(SILENCE) > 0;
        if (subscription != null && !ended && !silent) {
            return;
        }
        close();
        ended = false;
        opened = true;
        subscription = client.streams().notifications(run.executionId, run.tag, run.logPosition, this);
    }

    /** Whether the stream was open in this life. */
    boolean wasOpened() {
        return opened;
    }

    /** Whether the stream told all it had. */
    boolean isEnded() {
        return subscription == null || ended;
    }

    @Override
    public synchronized void notification(Notification notification) {
        if (notification.seqNo() > 0 && notification.seqNo() <= run.logPosition) {
            return;
        }
        if (notification.isResumeUnavailable()) {
            console.line("[" + run.workflow + "] (some lines may be missing here: the stream could not be resumed)");
        }
        if (notification.seqNo() > 0) {
            run.logPosition = notification.seqNo();
        }
        if (notification.log() != null) {
            print(notification.ref(), notification.log());
        }
        if (notification.eventType().equals("result")) {
            wake.run();
        }
    }

    private void print(String ref, String log) {
        StringBuilder rest = pending.computeIfAbsent(ref, any -> new StringBuilder());
        int from = 0;
        for (int end = log.indexOf('\n'); end >= 0; end = log.indexOf('\n', from)) {
            line(ref, rest.append(log, from, end).toString());
            rest.setLength(0);
            from = end + 1;
        }
        rest.append(log, from, log.length());
        if (rest.length() > 256 * 1024) {
            line(ref, rest.toString());
            rest.setLength(0);
        }
    }

    private void line(String ref, String raw) {
        String text = RunLog.line(raw);
        if (text != null) {
            TestkubeExecution execution = known;
            String step = execution == null ? "" : execution.stepName(ref);
            console.line("[" + run.workflow + (step.isEmpty() ? "" : " › " + step) + "] " + text);
        }
    }

    /** Prints what has no line end yet. */
    synchronized void flush() {
        pending.forEach((ref, rest) -> {
            if (rest.length() > 0) {
                line(ref, rest.toString());
                rest.setLength(0);
            }
        });
    }

    @Override
    public void ended() {
        ended = true;
        wake.run();
    }

    @Override
    public void close() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }
}
