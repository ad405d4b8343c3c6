package io.jenkins.plugins.ephemeral.environment;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Lease (coordination.k8s.io/v1) in a namespace of a pool: who has it, until when, whether it was cleaned, and what
 * was in it before anybody had it. Changed only from the state that was read: who comes second is told so (409).
 */
final class PoolLease {
    static final String NAME = "ephemeral-environments";
    static final String KEY = "leases.coordination.k8s.io/" + NAME;

    /** {@code true} once it was cleaned after its last holder. */
    private static final String CLEAN = "ephemeral.jenkins.io/clean";
    /** What was there before anybody had it, as JSON: {@link Snapshot}. */
    private static final String SNAPSHOT = "ephemeral.jenkins.io/snapshot";
    /** What of the snapshot is gone; such a namespace is not leased until somebody has repaired it. */
    private static final String DAMAGED = "ephemeral.jenkins.io/damaged";

    /** A holder that has not renewed it for this long after its end is gone for good. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Cluster cluster;
    private final Lease lease;

    private PoolLease(Cluster cluster, Lease lease) {
        this.cluster = cluster;
        this.lease = lease;
    }

    /** What was in a namespace. */
    static final class Snapshot {
        /** Keys of the objects. */
        List<String> objects = new ArrayList<>();
        /** Resources that could not be listed then: of these nothing is ever taken away. */
        List<String> unseen = new ArrayList<>();

        private String json() {
            try {
                return JSON.writeValueAsString(Map.of("objects", objects, "unseen", unseen));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Optional<PoolLease> read(Cluster cluster, String namespace) {
        return cluster.get(Lease.class, namespace, NAME).map(found -> new PoolLease(cluster, found));
    }

    /**
     * Makes the Lease of a namespace that nobody had before.
     *
     * @return false if somebody else has just made one
     */
    static boolean create(Cluster cluster, String namespace, EnvironmentRecord record, Snapshot snapshot, Instant now) {
        Lease wanted = new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(NAME)
                .addToLabels(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                .addToAnnotations(SNAPSHOT, snapshot.json())
                .addToAnnotations(CLEAN, "false")
                .addToAnnotations(Labels.RUN, record.run().externalId())
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder(record))
                .withLeaseDurationSeconds(seconds(record, now))
                .withAcquireTime(micro(now))
                .withRenewTime(micro(now))
                .withLeaseTransitions(0)
                .endSpec()
                .build();
        return cluster.create(wanted).isPresent();
    }

    /** Controller and environment. */
    static String holder(EnvironmentRecord record) {
        return record.controllerId + '/' + record.name;
    }

    boolean isHeldBy(EnvironmentRecord record) {
        return holder(record).equals(holder());
    }

    /** Who has it; empty for nobody. */
    String holder() {
        String holder = lease.getSpec() == null ? null : lease.getSpec().getHolderIdentity();
        return holder == null ? "" : holder;
    }

    /** Why it cannot be had now; null if it can. */
    String refusal(Instant now) {
        String damage = annotation(DAMAGED);
        if (damage != null && !damage.isEmpty()) {
            return "damaged, " + damage;
        }
        if (!holder().isEmpty() && now.isBefore(expiresAt().plus(ABANDONED))) {
            return "held by " + holder();
        }
        return null;
    }

    /** Whether it was cleaned after its last holder. */
    boolean isClean() {
        return "true".equals(annotation(CLEAN));
    }

    /** The build that has it, {@code job#number}; empty if that is not known. */
    String run() {
        String run = annotation(Labels.RUN);
        return run == null ? "" : run;
    }

    /** When its holder has to have renewed it. */
    Instant expiresAt() {
        ZonedDateTime renewed = lease.getSpec() == null ? null : lease.getSpec().getRenewTime();
        Integer seconds = lease.getSpec() == null ? null : lease.getSpec().getLeaseDurationSeconds();
        return renewed == null || seconds == null
                ? Instant.EPOCH
                : renewed.toInstant().plusSeconds(seconds);
    }

    /** What was there before anybody had it; empty if it does not say so. */
    Optional<Snapshot> snapshot() {
        String text = annotation(SNAPSHOT);
        if (text == null) {
            return Optional.empty();
        }
        try {
            Map<String, List<String>> read = JSON.readValue(text, new TypeReference<>() {});
            if (read == null || read.get("objects") == null || read.get("unseen") == null) {
                return Optional.empty();
            }
            Snapshot snapshot = new Snapshot();
            snapshot.objects.addAll(read.get("objects"));
            snapshot.unseen.addAll(read.get("unseen"));
            return Optional.of(snapshot);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @return false if somebody else was faster */
    boolean acquire(EnvironmentRecord record, Snapshot snapshot, Instant now) {
        Map<String, Object> spec = new LinkedHashMap<>();
        Integer transitions = lease.getSpec() == null ? null : lease.getSpec().getLeaseTransitions();
        spec.put("holderIdentity", holder(record));
        spec.put("leaseTransitions", transitions == null ? 1 : transitions + 1);
        spec.put("acquireTime", text(now));
        spec.put("renewTime", text(now));
        spec.put("leaseDurationSeconds", seconds(record, now));
        Map<String, Object> annotations = new LinkedHashMap<>();
        annotations.put(CLEAN, "false");
        annotations.put(Labels.RUN, record.run().externalId());
        if (snapshot != null) {
            annotations.put(SNAPSHOT, snapshot.json());
        }
        return change(spec, annotations);
    }

    /** Puts its end to the record's. */
    boolean renew(EnvironmentRecord record, Instant now) {
        return change(Map.of("renewTime", text(now), "leaseDurationSeconds", seconds(record, now)), Map.of());
    }

    /**
     * Gives it back, cleaned.
     *
     * @param damage what of the snapshot is gone; empty for nothing
     */
    boolean free(String damage) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("holderIdentity", null);
        Map<String, Object> annotations = new LinkedHashMap<>();
        annotations.put(CLEAN, "true");
        annotations.put(Labels.RUN, null);
        annotations.put(DAMAGED, damage.isEmpty() ? null : damage);
        return change(spec, annotations);
    }

    private boolean change(Map<String, Object> spec, Map<String, Object> annotations) {
        Map<String, Object> meta = new LinkedHashMap<>();
        // both are preconditions of a patch
        meta.put("uid", lease.getMetadata().getUid());
        meta.put("resourceVersion", lease.getMetadata().getResourceVersion());
        meta.put("annotations", annotations);
        String patch;
        try {
            patch = JSON.writeValueAsString(Map.of("metadata", meta, "spec", spec));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cluster.patched(lease, patch);
    }

    private String annotation(String key) {
        Map<String, String> annotations = lease.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(key);
    }

    private static int seconds(EnvironmentRecord record, Instant now) {
        return (int) Math.max(60, Duration.between(now, record.expiresAt).toSeconds());
    }

    private static ZonedDateTime micro(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
    }

    /** Kubernetes' MicroTime: RFC 3339 with six decimals. */
    private static String text(Instant at) {
        return java.time.format.DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
                .format(micro(at));
    }
}
