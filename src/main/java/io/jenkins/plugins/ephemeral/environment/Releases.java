package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Drive;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The releases that are under way: one drive for each environment, whoever asks and how often. */
final class Releases {
    private static final Logger LOGGER = Logger.getLogger(Releases.class.getName());
    /** Releases bear any outage; this only has to be longer than Jenkins runs. */
    private static final Duration FOR_EVER = Duration.ofDays(3650);

    private static final Duration AFTER_A_BUG = Duration.ofMinutes(1);

    private final EnvironmentService service;
    private final Map<String, Running> running = new HashMap<>();
    private boolean closed;

    Releases(EnvironmentService service) {
        this.service = service;
    }

    /** Begins a release, or has the one that runs look again now and tell this console too. */
    synchronized void drive(String name, Console console) {
        Running there = running.get(name);
        if (there != null && !there.drive.isOver()) {
            there.release.tell(console);
            there.drive.wake();
            return;
        }
        if (closed) {
            return;
        }
        Running begun = new Running(new Release(service, name, console));
        running.put(name, begun);
        begun.drive = service.driver().drive("release " + name, begun.release, FOR_EVER, Console.NONE, begun);
    }

    /** Has a release ask for the deletion again, now; begins it if it does not run. */
    synchronized void retry(String name) {
        Running there = running.get(name);
        if (there != null && !there.drive.isOver()) {
            there.release.askAgain();
        }
        drive(name, Console.NONE);
    }

    /** Ends the drive of a release that was given up. */
    synchronized void stop(String name) {
        Running there = running.remove(name);
        if (there != null) {
            there.drive.cancel();
        }
    }

    /** What a release does just now; empty if there is none. */
    synchronized String status(String name) {
        Running there = running.get(name);
        return there == null ? "" : there.drive.status();
    }

    /** Ends all drives; what they were about is on the disk. */
    synchronized void close() {
        closed = true;
        running.values().forEach(each -> each.drive.cancel());
        running.clear();
    }

    private synchronized void ended(Running which) {
        running.remove(which.release.name(), which);
    }

    /** A release and its drive; one that ends by a bug is taken up again, not forgotten. */
    private final class Running implements Drive.Listener<EnvironmentRecord> {
        private final Release release;
        private Drive drive;

        Running(Release release) {
            this.release = release;
        }

        @Override
        public void done(EnvironmentRecord record) {
            ended(this);
        }

        @Override
        public void failed(Throwable failure) {
            ended(this);
            String name = release.name();
            LOGGER.log(
                    Level.WARNING, failure, () -> "The release of environment " + name + " failed; it goes on later");
            service.driver().schedule("release " + name, AFTER_A_BUG, () -> drive(name, Console.NONE));
        }
    }
}
