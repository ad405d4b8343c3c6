package io.jenkins.plugins.ephemeral.cluster;

/** What goes to one API server, at one moment: for pages and metrics. Counters begin with this life of Jenkins. */
public final class Traffic {
    private final double configuredPerSecond;
    private final double perSecond;
    private final int waiting;
    private final long requests;
    private final long longWaits;
    private final long throttlings;

    Traffic(
            double configuredPerSecond,
            double perSecond,
            int waiting,
            long requests,
            long longWaits,
            long throttlings) {
        this.configuredPerSecond = configuredPerSecond;
        this.perSecond = perSecond;
        this.waiting = waiting;
        this.requests = requests;
        this.longWaits = longWaits;
        this.throttlings = throttlings;
    }

    /** Requests per second that are configured. */
    public double configuredPerSecond() {
        return configuredPerSecond;
    }

    /** Requests per second that are let through now: fewer than configured for a while after the server said 429. */
    public double perSecond() {
        return perSecond;
    }

    /** How many undertakings wait for the limiter just now. */
    public int waiting() {
        return waiting;
    }

    /** How many requests were let through. */
    public long requests() {
        return requests;
    }

    /** How many waits took more than two seconds; each was also said in the console of its build. */
    public long longWaits() {
        return longWaits;
    }

    /** How often the server's 429 (or 503 with Retry-After) lowered the rate. */
    public long throttlings() {
        return throttlings;
    }
}
