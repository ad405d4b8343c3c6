package io.jenkins.plugins.ephemeral.environment;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Who waits for room in a cluster, in the order in which they came: a file, so that a restart changes nothing. A build
 * that is over, as was seen twice, or that has not asked for minutes, loses its place.
 */
final class RoomLine {
    private static final Logger LOGGER = Logger.getLogger(RoomLine.class.getName());
    /** How long a place is kept for one that does not ask; all who live ask every few seconds. */
    static final Duration KEPT = Duration.ofMinutes(5);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final EnvironmentService service;
    private final Path file;
    private final Outside outside;
    private List<Place> places;
    private Instant lookedAt = Instant.EPOCH;

    RoomLine(EnvironmentService service, Path file, Outside outside) {
        this.service = service;
        this.file = file;
        this.outside = outside;
    }

    /** One place in the line. A plain bean. */
    static final class Place {
        /** Name of the environment that is asked for. */
        public String base;

        /** The block that waits. */
        public Holder who;

        /** The clusters that would do. */
        public List<String> clusters = new ArrayList<>();

        /** When it asked last, in this life. */
        @JsonIgnore
        public Instant asked;

        /** When its build was first seen to be over, in this life; null if it was not. */
        @JsonIgnore
        public Instant seenOver;

        /** Its build by the name that its job has now. */
        @JsonIgnore
        Jobs.Moving moving;

        private boolean is(String name, Holder holder) {
            return base.equals(name)
                    && who.jobFullName.equals(holder.jobFullName)
                    && who.buildNumber == holder.buildNumber
                    && who.nodeId.equals(holder.nodeId);
        }
    }

    /**
     * Goes to the end of the line, or says that it is still in it.
     *
     * @return for people: {@code "position 2 of 3"}
     */
    synchronized String enter(String base, Holder who, List<String> clusters) {
        lookAtAll();
        Place mine =
                places.stream().filter(each -> each.is(base, who)).findFirst().orElse(null);
        if (mine == null || !mine.clusters.equals(clusters)) {
            if (mine == null) {
                mine = new Place();
                mine.base = base;
                mine.who = who;
                mine.moving = service.jobs().follow(who.run(service.controllerId()));
                places.add(mine);
            }
            mine.clusters = new ArrayList<>(clusters);
            mine.asked = service.now();
            write();
        }
        mine.asked = service.now();
        return "position " + (places.indexOf(mine) + 1) + " of " + places.size();
    }

    /** How many of those who came before would take a cluster; all who wait for it if that block is not in the line. */
    synchronized int before(String base, Holder who, String cluster) {
        lookAtAll();
        int count = 0;
        for (Place each : places) {
            if (who != null && each.is(base, who)) {
                break;
            }
            count += each.clusters.contains(cluster) ? 1 : 0;
        }
        return count;
    }

    /** Gives a place up; nothing if there is none. An empty id stands for any block of the build. */
    synchronized void leave(RunRef run, String nodeId) {
        follow();
        drop(each -> each.who.is(run, nodeId));
    }

    private void follow() {
        read();
        places.forEach(each -> each.who.jobFullName = each.moving.run().jobFullName());
    }

    /** Takes off who does not come any more, and follows jobs to their new names. */
    private void lookAtAll() {
        follow();
        // not for each of all who ask: Jenkins is asked for each build
        if (!service.now().isBefore(lookedAt.plus(LOOK))) {
            lookedAt = service.now();
            drop(this::isLost);
        }
    }

    private boolean isLost(Place place) {
        Instant now = service.now();
        if (service.builds().state(place.who.run(service.controllerId())) != Builds.Run.OVER) {
            place.seenOver = null;
        } else if (place.seenOver == null) {
            place.seenOver = now;
        }
        boolean over = place.seenOver != null && !now.isBefore(place.seenOver.plus(Holding.SEEN_TWICE));
        boolean lost = over || now.isAfter(place.asked.plus(KEPT));
        if (lost) {
            LOGGER.info(() -> place.who + " does not wait for room in a cluster any more, its build is "
                    + (over ? "over" : "silent"));
        }
        return lost;
    }

    private void drop(Predicate<Place> which) {
        if (places.removeIf(which)) {
            write();
        }
    }

    private void read() {
        if (places != null) {
            return;
        }
        List<Place> found = new ArrayList<>();
        try {
            if (Files.exists(file)) {
                found = call(
                        "reading Line",
                        () -> JSON.readValue(Files.readAllBytes(file), new TypeReference<ArrayList<Place>>() {}));
            }
        } catch (TransientFault e) {
            // who lives asks again: only the order is lost
            LOGGER.log(Level.WARNING, e, () -> file + " cannot be read");
        }
        found.removeIf(each -> each.base == null || each.who == null || each.who.jobFullName == null);
        for (Place each : found) {
            each.asked = service.now();
            each.moving = service.jobs().follow(each.who.run(service.controllerId()));
        }
        places = found;
    }

    private void write() {
        List<Place> now = places;
        try {
            guarded("writing Line", () -> {
                Files.createDirectories(file.toAbsolutePath().getParent());
                outside.replace("writing Line", file, JSON.writeValueAsBytes(now));
                return null;
            });
        } catch (RuntimeException e) {
            places = null; // what is on the disk counts
            throw e;
        }
    }

    private <T> T call(String point, Callable<T> work) {
        return guarded(point, () -> outside.call(point, work));
    }

    private <T> T guarded(String point, Callable<T> work) {
        try {
            return work.call();
        } catch (IOException e) {
            throw new TransientFault(
                    point,
                    file.toString(),
                    e.getClass().getSimpleName() + ": " + e.getMessage(),
                    "Check the disk of the Jenkins controller.",
                    Duration.ZERO,
                    e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
