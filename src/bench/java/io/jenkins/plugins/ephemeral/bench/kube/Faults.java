package io.jenkins.plugins.ephemeral.bench.kube;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** What goes wrong between a client and the server, on demand. */
public final class Faults {
    /** One thing that goes wrong. Made by {@link Faults#on}, in force once one of its outcomes is chosen. */
    public final class Fault {
        private final String method;
        private final Pattern path;
        private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        private final AtomicInteger hits = new AtomicInteger();
        private volatile int status;
        private volatile int retryAfterSeconds = -1;
        private volatile Duration delay = Duration.ZERO;
        private volatile boolean lost;
        private volatile boolean dropped;

        private Fault(String method, String path) {
            this.method = method.toLowerCase(Locale.ROOT);
            this.path = Pattern.compile(path);
        }

        /** Limits the fault to the next so many matching requests. */
        public Fault times(int count) {
            left.set(count);
            return this;
        }

        /** The server answers with this HTTP status and does nothing. */
        public Fault status(int code) {
            status = code;
            return inForce();
        }

        /** The server answers 429 with this {@code Retry-After}. */
        public Fault tooManyRequests(int seconds) {
            retryAfterSeconds = seconds;
            return status(429);
        }

        /** The request is handled only after this time. */
        public Fault delay(Duration duration) {
            delay = duration;
            return inForce();
        }

        /** The request has its effect, but the connection breaks before the answer. */
        public Fault loseAnswer() {
            lost = true;
            return inForce();
        }

        /** The connection breaks before the request has any effect. */
        public Fault dropRequest() {
            dropped = true;
            return inForce();
        }

        private Fault inForce() {
            if (!faults.contains(this)) {
                faults.add(this);
            }
            return this;
        }

        /** How many requests it met so far. */
        public int hits() {
            return hits.get();
        }

        int statusCode() {
            return status;
        }

        int retryAfterSeconds() {
            return retryAfterSeconds;
        }

        Duration delay() {
            return delay;
        }

        boolean losesAnswer() {
            return lost;
        }

        boolean dropsRequest() {
            return dropped;
        }

        private boolean meets(ApiRequest request) {
            boolean fits = (method.equals("*")
                            || method.equals(request.method().toLowerCase(Locale.ROOT))
                            || method.equals(request.verb()))
                    && path.matcher(request.path()).matches();
            if (fits && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                hits.incrementAndGet();
                return true;
            }
            return false;
        }
    }

    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final Runnable unavailable;
    private final Runnable available;

    Faults(Runnable unavailable, Runnable available) {
        this.unavailable = unavailable;
        this.available = available;
    }

    /**
     * Prepares a fault.
     *
     * @param method HTTP method or API verb ({@code PATCH}, {@code watch}), or {@code *}
     * @param path regular expression for the whole path, without the query
     */
    public Fault on(String method, String path) {
        return new Fault(method, path);
    }

    /** Stops listening: all connections break, new ones are refused. */
    public void unavailable() {
        unavailable.run();
    }

    /** Listens again, on the same port. */
    public void available() {
        available.run();
    }

    /** Ends all faults but {@link #unavailable}. */
    public void clear() {
        faults.clear();
    }

    Optional<Fault> meeting(ApiRequest request) {
        return faults.stream().filter(f -> f.meets(request)).findFirst();
    }
}
