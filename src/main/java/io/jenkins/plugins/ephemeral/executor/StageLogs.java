package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The logs of all containers of a stage: each is followed from when it runs until it was read to its end. */
final class StageLogs {
    private static final Duration NOTHING_DUE = Duration.ofSeconds(30);

    private final Stage stage;
    private final LogTail tail;
    private final Runnable wake;
    private final Map<String, LogFollower> followers = new HashMap<>();
    private final boolean resumed;
    private final LogTail wholeTail = StageReport.newTail();
    private volatile LogFollower tailReader;
    private Duration queued;
    private boolean closed;

    /**
     * @param stage the stage
     * @param tail keeps the last lines
     * @param wake called when a stream ended
     */
    StageLogs(Stage stage, LogTail tail, Runnable wake) {
        this.stage = stage;
        this.tail = tail;
        this.wake = wake;
        this.resumed = stage.state().logLines > 0;
    }

    /** Follows what runs, reads the rest of what is over; later, if that has to wait for the limiter. */
    void look(Sight sight) {
        try {
            lookAtAll(sight);
            queued = null;
        } catch (QueuedFault fault) {
            queued = fault.retryAfter();
        }
    }

    private void lookAtAll(Sight sight) {
        Map<String, Boolean> over = new HashMap<>();
        for (Pod pod : sight.pods()) {
            for (ContainerStatus status : containers(pod)) {
                if (status.getName().equals(HandoverPod.OUTPUTS)) {
                    continue; // what it prints is for us
                }
                ContainerState state = status.getState();
                boolean ended = state != null && state.getTerminated() != null;
                if (ended || state != null && state.getRunning() != null) {
                    String key = pod.getMetadata().getName() + '/' + status.getName();
                    over.put(key, ended);
                    follower(key, pod.getMetadata().getName(), status.getName());
                }
            }
        }
        for (Map.Entry<String, LogFollower> entry : all().entrySet()) {
            Boolean ended = over.get(entry.getKey());
            entry.getValue().look(ended == null || ended, ended == null);
        }
        readTail(sight.pod());
    }

    /** An earlier life printed a part of the log: the last lines are read again for the report, once it is over. */
    private void readTail(Pod pod) {
        if (resumed && tailReader == null && pod != null && PodFacts.terminated(pod) != null) {
            tailReader = new LogFollower(
                    stage.cluster(),
                    stage.namespace(),
                    pod.getMetadata().getName(),
                    StageJobManifest.CONTAINER,
                    new LogPosition(),
                    "&tailLines=" + StageReport.TAIL_LINES,
                    tailSink(),
                    wake);
        }
        if (tailReader != null) {
            tailReader.look(true, pod == null);
            if (tailReader.isDrained()) {
                tail.replaceBy(wholeTail);
            }
        }
    }

    private LogSink tailSink() {
        return new LogSink() {
            @Override
            public void line(String text) {
                wholeTail.add(stage.masked(text));
            }

            @Override
            public void notice(String text) {
                // said by the follower that prints
            }

            @Override
            public void position(String position) {
                // nobody goes on from here
            }
        };
    }

    /** Whether each log that was begun is read to its end, or given up with a notice. */
    boolean areDrained() {
        return all().values().stream().allMatch(LogFollower::isDrained)
                && (tailReader == null || tailReader.isDrained());
    }

    /** When {@link #look} has something to do at the latest. */
    Duration untilNextLook() {
        if (queued != null) {
            return queued;
        }
        Duration least = NOTHING_DUE;
        for (LogFollower follower : all().values()) {
            Duration due = follower.untilNextLook();
            least = due.compareTo(least) < 0 ? due : least;
        }
        if (tailReader != null && !tailReader.isDrained()) {
            Duration due = tailReader.untilNextLook();
            least = due.compareTo(least) < 0 ? due : least;
        }
        return least;
    }

    /** Ends all streams; nothing is printed after this. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        all().values().forEach(LogFollower::close);
        if (tailReader != null) {
            tailReader.close();
        }
    }

    private synchronized Map<String, LogFollower> all() {
        return new HashMap<>(followers);
    }

    private synchronized void follower(String key, String pod, String container) {
        if (closed || followers.containsKey(key)) {
            return;
        }
        LogPosition position = LogPosition.parse(stage.state().logPositions.get(key));
        String prefix = StageJobManifest.CONTAINER.equals(container) ? "" : container + ": ";
        followers.put(
                key,
                new LogFollower(
                        stage.cluster(), stage.namespace(), pod, container, position, "", sink(key, prefix), wake));
    }

    private LogSink sink(String key, String prefix) {
        return new LogSink() {
            @Override
            public void line(String text) {
                String shown = prefix + stage.masked(text);
                stage.say(shown);
                tail.add(shown);
                count();
            }

            @Override
            public void notice(String text) {
                stage.say(text);
            }

            @Override
            public void position(String position) {
                stage.state().logPositions.put(key, position);
            }
        };
    }

    private synchronized void count() {
        stage.state().logLines++;
    }

    private static List<ContainerStatus> containers(Pod pod) {
        List<ContainerStatus> all = new ArrayList<>(PodFacts.initContainers(pod));
        if (pod.getStatus() != null && pod.getStatus().getContainerStatuses() != null) {
            all.addAll(pod.getStatus().getContainerStatuses());
        }
        return all;
    }
}
