package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets one stage at a time hold a lock of a name, in the order in which they came, across builds. The queue is a file,
 * so that a restart changes nothing. Whoever does not come back after it (its build is gone) loses its place if it had
 * only waited; one whose Job was asked for keeps it until somebody has seen that nothing of it runs any more.
 */
public final class StageLocks {
    /** How long a place is kept for one that does not ask any more; all who live ask every few seconds. */
    static final Duration KEPT = Duration.ofMinutes(10);

    /** How long a place is kept for a stage that nobody looks after any more, and of which something may still run. */
    static final Duration LEFT_KEPT = Duration.ofHours(24);

    /** A place in a queue. */
    static final class Place {
        /** Name of the lock. */
        public String lock;

        /** Whose it is: namespace and Job. */
        public String key;

        /** The same for people. */
        public String who;

        /** Whether its Job was asked for, so that something of it may run. */
        public boolean launched;

        /** Since when nobody looks after it, milliseconds since the epoch; 0 as long as somebody does. */
        public long leftMillis;
    }

    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Path file;
    private final Outside outside;
    private final Clock clock;
    private final Instant began;
    private final Map<String, Instant> asked = new HashMap<>();
    private List<Place> places;

    /**
     * @param file where the queue is written down; its folder is made if it is not there
     * @param outside the gate of outside calls
     */
    public StageLocks(Path file, Outside outside) {
        this(file, outside, Clock.systemUTC());
    }

    StageLocks(Path file, Outside outside, Clock clock) {
        this.file = file;
        this.outside = outside;
        this.clock = clock;
        this.began = clock.instant();
    }

    /**
     * Asks for a lock, or says that one still wants it or has it.
     *
     * @return null if it is held by the one who asks, else who holds it
     */
    synchronized String enter(String lock, String key, String who) {
        read();
        asked.put(key, clock.instant());
        boolean changed = places.removeIf(this::isGivenUp);
        for (Place place : places) {
            changed |= note(place, place.key.equals(key));
        }
        if (find(key) == null) {
            Place place = new Place();
            place.lock = lock;
            place.key = key;
            place.who = who;
            places.add(place);
            changed = true;
        }
        if (changed) {
            write();
        }
        Place first = first(lock);
        return first.key.equals(key) ? null : first.who;
    }

    /** Key of the one who holds a lock, if nobody looks after it any more and something of it may still run; or null. */
    synchronized String left(String lock) {
        read();
        Place first = first(lock);
        return first == null || first.leftMillis == 0 ? null : first.key;
    }

    /** Notes whether the Job of one who holds a lock was asked for. */
    synchronized void launching(String key, boolean launched) {
        read();
        Place place = find(key);
        if (place != null && place.launched != launched) {
            place.launched = launched;
            write();
        }
    }

    /**
     * Nobody looks after one any more.
     *
     * @return whether its place is kept, since its Job was asked for
     */
    synchronized boolean abandon(String key) {
        read();
        Place place = find(key);
        if (place == null || !place.launched) {
            leave(key);
            return false;
        }
        place.leftMillis = clock.millis();
        write();
        return true;
    }

    /** Gives a place up that nobody looks after; nothing if somebody does again. */
    synchronized void giveUp(String key) {
        read();
        if (places.removeIf(place -> place.key.equals(key) && place.leftMillis > 0)) {
            asked.remove(key);
            write();
        }
    }

    /** Gives a place up; nothing if there is none. */
    synchronized void leave(String key) {
        read();
        asked.remove(key);
        if (places.removeIf(place -> place.key.equals(key))) {
            write();
        }
    }

    private Place find(String key) {
        return places.stream()
                .filter(place -> place.key.equals(key))
                .findFirst()
                .orElse(null);
    }

    private Place first(String lock) {
        return places.stream()
                .filter(place -> place.lock.equals(lock))
                .findFirst()
                .orElse(null);
    }

    private boolean isGivenUp(Place place) {
        boolean over = place.leftMillis > 0 && clock.millis() > place.leftMillis + LEFT_KEPT.toMillis();
        return over || !place.launched && isAbandoned(place);
    }

    /** Keeps since when nobody looks after it, or that somebody does again; whether that changed something. */
    private boolean note(Place place, boolean asks) {
        long before = place.leftMillis;
        if (asks) {
            place.leftMillis = 0;
        } else if (before == 0 && isAbandoned(place)) {
            place.leftMillis = clock.millis();
        }
        return place.leftMillis != before;
    }

    private boolean isAbandoned(Place place) {
        Instant last = asked.getOrDefault(place.key, began);
        return clock.instant().isAfter(last.plus(KEPT));
    }

    private void read() {
        if (places != null) {
            return;
        }
        places = call(
                "reading Locks",
                () -> Files.exists(file)
                        ? new ArrayList<>(JSON.readValue(Files.readAllBytes(file), new TypeReference<List<Place>>() {}))
                        : new ArrayList<>());
    }

    private void write() {
        List<Place> now = places;
        try {
            guarded("writing Locks", () -> {
                Files.createDirectories(file.toAbsolutePath().getParent());
                outside.replace("writing Locks", file, JSON.writeValueAsBytes(now));
                return null;
            });
        } catch (RuntimeException e) {
            places = null; // what is on the disk counts
            throw e;
        }
    }

    private <T> T call(String point, java.util.concurrent.Callable<T> work) {
        return guarded(point, () -> outside.call(point, work));
    }

    private <T> T guarded(String point, java.util.concurrent.Callable<T> work) {
        try {
            return work.call();
        } catch (IOException e) {
            throw new TransientFault(
                    point,
                    file.toString(),
                    String.valueOf(e.getMessage()),
                    "Check the disk of the Jenkins controller; a file that is not JSON may be deleted when no stage waits.",
                    Duration.ZERO,
                    e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
