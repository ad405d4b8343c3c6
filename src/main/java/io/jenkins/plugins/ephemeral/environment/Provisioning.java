package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The way to READY: record, namespace, our role binding, the other parts concurrently, usable. What was done is only
 * remembered to save calls; made anew after a crash it finds out by doing each step again, all of which may be repeated.
 */
final class Provisioning implements Reconciler<NamespaceRef> {
    private static final Duration SOON = Duration.ofMillis(100);
    /** How soon the one whose turn it is notices. */
    private static final Duration QUEUE_LOOK = Duration.ofSeconds(1);
    /** Woken by the parts; only if a wake got lost. */
    private static final Duration PARTS_LOOK = Duration.ofSeconds(5);

    private final EnvironmentService service;
    private final RunRef run;
    private final Console console;
    private final Instant startedAt;
    private final Claim claim;
    private final Ground ground;
    private volatile String name;
    private boolean namespaceThere;
    private boolean usable;
    private SecretParts secrets;
    private boolean secretsRead;
    private boolean rightsTried;
    private Instant boundAt;
    private String notBound;
    private Fork parts;
    private Readiness readiness;
    private Preflight preflight;
    private int looks;
    private volatile String doing = "waiting for its first turn";

    Provisioning(
            EnvironmentService service, String base, EnvironmentSpec spec, RunRef run, String nodeId, Console console) {
        this.service = service;
        this.name = base;
        this.run = run;
        this.console = console;
        this.startedAt = service.now();
        this.claim = new Claim(service, base, spec, run, nodeId, console);
        this.ground = new Ground(service, claim, spec, console);
    }

    @Override
    public Progress<NamespaceRef> reconcile() {
        Turn.onBehalfOf(run);
        Optional<EnvironmentRecord> claimed = claim.attempt();
        if (claimed.isEmpty()) {
            doing = claim.status();
            return Progress.again(claim.waitsForRoom() ? Placement.FULL_LOOK : QUEUE_LOOK);
        }
        String taken = claimed.get().name;
        if (!service.take(taken)) {
            return Progress.again(SOON);
        }
        try {
            name = taken;
            // once more: a release may have looked and gone since
            Optional<EnvironmentRecord> still = claim.attempt();
            return still.isPresent() ? turn(still.get()) : Progress.again(SOON);
        } catch (UserFault fault) {
            if (code(fault) == 403) {
                service.clearances().forget(service.cluster(claimed.get().cluster));
            }
            throw fault;
        } finally {
            service.give(taken);
        }
    }

    @Override
    public String status() {
        return doing;
    }

    private Progress<NamespaceRef> turn(EnvironmentRecord claimed) {
        EnvironmentRecord record = claimed;
        Cluster cluster = service.cluster(record.cluster);
        if (!namespaceThere) {
            SecretParts.demandOpen(service, record.spec);
            // whoever made a pool has bound there what is needed
            rightsTried = service.pool().isOf(record);
            if (record.uid == null && !rightsTried && !mayCreate(cluster, record.spec)) {
                return Progress.again(PARTS_LOOK);
            }
            doing = (rightsTried ? "leasing a namespace in " : "creating namespace ") + record.cluster + '/' + name;
            Optional<EnvironmentRecord> prepared = ground.prepare(cluster, record);
            if (prepared.isEmpty()) {
                return Progress.again(Duration.ZERO);
            }
            record = prepared.get();
            namespaceThere = true;
            usable = record.state == EnvironmentState.READY;
            if (usable && record.spec.secrets.isEmpty()) {
                return Progress.done(record.ref());
            }
        }
        if (usable) {
            return secrets(cluster, record) && secrets.apply()
                    ? Progress.done(record.ref())
                    : Progress.again(PARTS_LOOK);
        }
        if (!rightsTried) {
            doing = "binding Jenkins' rights in " + record.cluster + '/' + name;
            bind(cluster, record);
            rightsTried = true;
        }
        if (!record.spec.secrets.isEmpty() && !secrets(cluster, record)) {
            return Progress.again(PARTS_LOOK);
        }
        return inside(cluster, record);
    }

    /** Says what right is missing before anything is made; where nobody may ask, it is found out by trying. */
    private boolean mayCreate(Cluster cluster, EnvironmentSpec spec) {
        doing = "asking " + cluster.name() + " what Jenkins may do";
        if (preflight == null) {
            preflight = new Preflight(service, cluster, name, spec);
        }
        try {
            return preflight.advance();
        } catch (UserFault fault) {
            if (code(fault) == 403) {
                return true;
            }
            throw fault;
        }
    }

    /**
     * Binds the role that gives Jenkins its rights inside. It is bound also where the identity holds these rights
     * anyway: whether it does would take a review to find out. What is refused here is not the end, for the same reason.
     */
    private void bind(Cluster cluster, EnvironmentRecord record) {
        Optional<Subject> jenkins = cluster.identity().subject();
        if (jenkins.isEmpty()) {
            goOnUnbound("this cluster does not say who Jenkins is there, and no subject is configured for it");
            return;
        }
        try {
            // one that is there already is the same one: its name is made from what it says
            cluster.create(Parts.ownRights(record, jenkins.get()));
            boundAt = service.now();
        } catch (UserFault fault) {
            if (code(fault) != 403 && code(fault) != 404) {
                throw fault;
            }
            goOnUnbound(fault.why());
        }
    }

    private void goOnUnbound(String why) {
        notBound = why;
        console.line("Environment " + name + ": " + FixedRoles.NAMESPACE
                + " is not bound; going on with the rights that Jenkins has. Reason: " + why + '.');
    }

    private Progress<NamespaceRef> inside(Cluster cluster, EnvironmentRecord record) {
        try {
            doing = "applying the parts of " + record.cluster + '/' + name;
            if (parts == null) {
                parts = new Fork(service.driver());
                EnvironmentRecord known = service.registry().find(name).orElse(record);
                for (HasMetadata part : Parts.inside(known)) {
                    parts.add(() -> cluster.apply(part) != null);
                }
            }
            boolean applied = parts.advance();
            if (secrets != null && !secrets.apply() || !applied) {
                return Progress.again(PARTS_LOOK);
            }
            doing = "waiting until " + record.cluster + '/' + name + " can be used";
            if (readiness == null) {
                readiness = new Readiness(service, cluster, record, boundAt);
            }
            if (!readiness.advance()) {
                return Progress.again(readiness.isLooking() ? PARTS_LOOK : nextLook());
            }
        } catch (UserFault fault) {
            return refused(fault);
        }
        return Progress.done(ready());
    }

    /** Reads the Secrets and notes which of them images are pulled with. Whether that is done. */
    private boolean secrets(Cluster cluster, EnvironmentRecord record) {
        doing = "reading the Secrets for " + record.cluster + '/' + name;
        if (secrets == null) {
            secrets = new SecretParts(service, cluster, record, run);
        }
        if (!secretsRead && secrets.read()) {
            secretsRead = true;
            service.registry().change(name, changed -> changed.secretsForPulling = secrets.forPulling());
            console.line("Environment " + name + ": Secrets " + secrets.summary() + " read.");
        }
        return secretsRead;
    }

    /** Twice as long each time, up to three seconds. */
    private Duration nextLook() {
        return SOON.multipliedBy(1L << Math.min(looks++, 5));
    }

    private NamespaceRef ready() {
        EnvironmentRecord record = service.registry()
                .change(name, changed -> {
                    if (changed.state == EnvironmentState.PROVISIONING) {
                        changed.state = EnvironmentState.READY;
                        changed.reason = null;
                        changed.readyAt = service.now();
                        changed.expiresAt = changed.deadline(changed.readyAt);
                        changed.replaced = null;
                    }
                })
                .filter(changed -> changed.state == EnvironmentState.READY)
                .orElseThrow(() ->
                        new LostFault("Provisioning the environment", name, "it was released in the meantime", ""));
        console.line("Environment " + name + ": ready after "
                + Math.max(0, Duration.between(startedAt, record.readyAt).toMillis()) + " ms, until "
                + record.expiresAt.truncatedTo(java.time.temporal.ChronoUnit.SECONDS) + " at least.");
        return record.ref();
    }

    /** A right that is not there yet, for as long as the binding may take to spread; else one that is missing. */
    private Progress<NamespaceRef> refused(UserFault fault) {
        if (code(fault) != 403) {
            throw fault;
        }
        if (boundAt != null && service.now().isBefore(boundAt.plus(Readiness.BINDING_SPREADS))) {
            return Progress.again(SOON);
        }
        if (notBound != null) {
            throw new UserFault(
                    fault.what(),
                    fault.where(),
                    fault.why() + ". Before that, " + FixedRoles.NAMESPACE + " could not be bound: " + notBound,
                    "Install the ClusterRoles of deploy/ and give Jenkins' identity " + FixedRoles.CONTROLLER
                            + ": see docs/rbac.md.",
                    fault);
        }
        throw fault;
    }

    private static int code(UserFault fault) {
        return fault.getCause() instanceof KubernetesClientException
                ? ((KubernetesClientException) fault.getCause()).getCode()
                : 0;
    }
}
