package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What is heard of jobs, and what that means for their environments. Methods write records: call them on an engine
 * thread, never in a listener of Jenkins.
 */
public final class Jobs {
    private static final Logger LOGGER = Logger.getLogger(Jobs.class.getName());

    private final EnvironmentService service;
    /** Builds whose undertakings began under the old name; gone with their undertakings. */
    private final Set<Moving> moving = Collections.newSetFromMap(new WeakHashMap<>());

    Jobs(EnvironmentService service) {
        this.service = service;
    }

    /**
     * A job or folder was deleted: its environments end now, whoever holds them; but not those of another one of that
     * name, that was made since.
     *
     * @param at when that was heard
     */
    public void deleted(String fullName, Instant at) {
        for (EnvironmentRecord record : service.registry().all(each -> isIn(each.jobFullName, fullName))) {
            if (EnvironmentService.isLive(record.state) && !isOfSuccessor(record, at)) {
                LOGGER.log(Level.INFO, () -> "Environment " + record.name + " ends with its job " + record.jobFullName);
                service.end(record.name, Ending.JOB_DELETED, Console.NONE);
            }
        }
    }

    private static boolean isOfSuccessor(EnvironmentRecord record, Instant at) {
        return record.requestedAt.isAfter(at)
                || record.holders.stream().anyMatch(each -> each.since != null && each.since.isAfter(at));
    }

    /** The time by which events are told apart. No I/O. */
    public Instant now() {
        return service.now();
    }

    /** A job or folder was renamed or moved: its environments go with it. */
    public void moved(String from, String to) {
        synchronized (moving) {
            moving.forEach(each -> each.moved(from, to));
        }
        service.registry().all(each -> concerns(each, from)).forEach(record -> service.registry()
                .change(record.name, each -> {
                    each.jobFullName = renamed(each.jobFullName, from, to);
                    each.holders.forEach(holder -> holder.jobFullName = renamed(holder.jobFullName, from, to));
                    each.queue.forEach(waiting -> waiting.jobFullName = renamed(waiting.jobFullName, from, to));
                }));
    }

    /**
     * Something was heard of the end of a branch or pull request. That is a rumour: nothing is deleted for it, but the
     * deadline of what nobody holds comes down to a minute from now, and then the job is looked at.
     *
     * @param fullName full name of the branch's job
     */
    public void rumour(String fullName) {
        Instant soon = service.now().plus(Holding.RUMOUR);
        List<EnvironmentRecord> concerned = service.registry()
                .all(each -> each.spec.lifetime == Lifetime.BRANCH
                        && EnvironmentService.isLive(each.state)
                        && isIn(each.jobFullName, fullName));
        for (EnvironmentRecord record : concerned) {
            service.registry().change(record.name, each -> {
                each.rumoured = true;
                if (each.holders.isEmpty() && soon.isBefore(each.expiresAt)) {
                    each.expiresAt = soon;
                }
            });
            service.driver()
                    .schedule(
                            "look at " + record.name, Holding.RUMOUR.plus(Duration.ofSeconds(1)), () -> service.reaper()
                                    .look(record.name));
        }
    }

    /** Has the job of a branch's environment looked at that nobody holds, also when nothing was heard. */
    void check(EnvironmentRecord record) {
        boolean idle = record.spec.lifetime == Lifetime.BRANCH && record.holders.isEmpty() && !record.rumoured;
        if (idle && isGone(record)) {
            rumour(record.jobFullName);
        }
    }

    /**
     * Whether an environment whose time is over may end: one that was only heard to be over lives on if its job does.
     *
     * @return why it ends, or null if it lives on
     */
    Ending verdict(EnvironmentRecord record) {
        if (!record.rumoured) {
            return Ending.EXPIRED;
        }
        if (isGone(record)) {
            return Ending.BRANCH_GONE;
        }
        LOGGER.log(
                Level.INFO, () -> "Environment " + record.name + " lives on: its job " + record.jobFullName + " does");
        service.registry().change(record.name, each -> {
            each.rumoured = false;
            each.expiresAt = each.deadline(service.now());
        });
        // its greatest age may be over all the same
        return service.registry()
                .find(record.name)
                .filter(each -> !service.now().isBefore(each.expiresAt))
                .map(each -> Ending.EXPIRED)
                .orElse(null);
    }

    private boolean isGone(EnvironmentRecord record) {
        Builds.Job job = service.builds().job(record.jobFullName);
        return job == Builds.Job.DEAD || job == Builds.Job.GONE;
    }

    /** Follows the job of a build, for as long as somebody holds the result. */
    Moving follow(RunRef run) {
        Moving follower = new Moving(run);
        synchronized (moving) {
            moving.add(follower);
        }
        return follower;
    }

    /** How many builds are followed. */
    int followed() {
        synchronized (moving) {
            return moving.size();
        }
    }

    /** A build by the name that its job has now. */
    static final class Moving {
        private volatile RunRef run;

        private Moving(RunRef run) {
            this.run = run;
        }

        RunRef run() {
            return run;
        }

        private void moved(String from, String to) {
            String name = renamed(run.jobFullName(), from, to);
            run = name.equals(run.jobFullName())
                    ? run
                    : new RunRef(run.controllerId(), name, run.buildNumber(), run.url());
        }
    }

    private static boolean concerns(EnvironmentRecord record, String fullName) {
        return isIn(record.jobFullName, fullName)
                || record.holders.stream().anyMatch(each -> isIn(each.jobFullName, fullName))
                || record.queue.stream().anyMatch(each -> isIn(each.jobFullName, fullName));
    }

    private static boolean isIn(String job, String fullName) {
        return job.equals(fullName) || job.startsWith(fullName + '/');
    }

    private static String renamed(String job, String from, String to) {
        return isIn(job, from) ? to + job.substring(from.length()) : job;
    }
}
