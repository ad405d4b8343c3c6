package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
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
    /** A new role binding takes effect within this time, as API servers notice it by a watch of their own. */
    private static final Duration BINDING_SPREADS = Duration.ofSeconds(15);

    private static final Duration SOON = Duration.ofMillis(100);
    /** Woken by the parts; only if a wake got lost. */
    private static final Duration PARTS_LOOK = Duration.ofSeconds(5);

    private final EnvironmentService service;
    private final String name;
    private final EnvironmentSpec spec;
    private final RunRef run;
    private final Console console;
    private final String specHash;
    private final Instant startedAt;
    private boolean admitted;
    private boolean namespaceThere;
    private boolean rightsTried;
    private Instant boundAt;
    private String notBound;
    private Fork parts;
    private Fork checks;
    private int looks;
    private volatile String doing = "waiting for its first turn";

    Provisioning(EnvironmentService service, String name, EnvironmentSpec spec, RunRef run, Console console) {
        this.service = service;
        this.name = name;
        this.spec = spec;
        this.run = run;
        this.console = console;
        this.specHash = Names.hash(run.controllerId(), run.externalId(), Registry.json(spec));
        this.startedAt = service.now();
    }

    @Override
    public Progress<NamespaceRef> reconcile() {
        Turn.onBehalfOf(run);
        if (!service.take(name)) {
            return Progress.again(SOON);
        }
        try {
            return turn();
        } finally {
            service.give(name);
        }
    }

    @Override
    public String status() {
        return doing;
    }

    private Progress<NamespaceRef> turn() {
        EnvironmentRecord record = admitted();
        Cluster cluster = service.cluster(record.cluster);
        if (!namespaceThere) {
            doing = "creating namespace " + record.cluster + '/' + name;
            record = namespace(cluster, record);
            namespaceThere = true;
            if (record.state == EnvironmentState.READY) {
                return Progress.done(record.ref());
            }
        }
        if (!rightsTried) {
            doing = "binding Jenkins' rights in " + record.cluster + '/' + name;
            bind(cluster, record);
            rightsTried = true;
        }
        return inside(cluster, record);
    }

    /** Writes the record, or takes up the one that an earlier life wrote. */
    private EnvironmentRecord admitted() {
        Optional<EnvironmentRecord> found = service.registry().find(name);
        if (found.isEmpty()) {
            if (admitted) {
                throw new LostFault("Provisioning the environment", name, "it was released in the meantime", "");
            }
            doing = "writing its record";
            SpecValidation.check(spec);
            EnvironmentRecord record = service.placement().place(spec, run, this::writeRecord);
            if (record != null) {
                admitted = true;
                console.line("Environment " + name + ": requested in cluster " + record.cluster
                        + (record.placement.isEmpty() ? "." : ": " + record.placement + '.'));
                return record;
            }
            found = service.registry().find(name);
        }
        EnvironmentRecord record = found.orElseThrow(() -> new UserFault(
                "Provisioning the environment",
                name,
                "there is a record of that name that cannot be read",
                "Repair or remove it: see the log of the Jenkins controller."));
        if (!record.run().equals(run) || !specHash.equals(record.specHash)) {
            throw new UserFault(
                    "Provisioning the environment",
                    record.cluster + '/' + name,
                    "it belongs to " + record.run().externalId() + " and is " + words(record.state),
                    "Wait until it is gone, or choose another name.");
        }
        if (!EnvironmentService.isLive(record.state)) {
            throw new LostFault(
                    "Provisioning the environment",
                    record.cluster + '/' + name,
                    "it is " + words(record.state) + " since " + record.releasedAt,
                    "");
        }
        admitted = true;
        return record;
    }

    /** Null if there is one of that name already. */
    private EnvironmentRecord writeRecord(String cluster, String why) {
        EnvironmentRecord record = new EnvironmentRecord();
        record.name = name;
        record.cluster = cluster;
        record.placement = why;
        record.controllerId = run.controllerId();
        record.jobFullName = run.jobFullName();
        record.buildNumber = run.buildNumber();
        record.runUrl = run.url();
        record.spec = spec;
        record.specHash = specHash;
        record.requestedAt = service.now();
        record.expiresAt = record.requestedAt.plus(spec.ttl);
        return service.registry().add(record) ? record : null;
    }

    private EnvironmentRecord namespace(Cluster cluster, EnvironmentRecord record) {
        Namespace namespace = record.uid == null ? create(cluster, record) : Ownership.read(cluster, record);
        String uid = namespace.getMetadata().getUid();
        if (record.uid != null) {
            return record;
        }
        console.line("Environment " + name + ": namespace created.");
        return service.registry()
                .change(name, changed -> {
                    changed.uid = uid;
                    if (changed.state == EnvironmentState.REQUESTED) {
                        changed.state = EnvironmentState.PROVISIONING;
                    }
                })
                .orElseThrow(() ->
                        new LostFault("Provisioning the environment", name, "it was released in the meantime", ""));
    }

    private static Namespace create(Cluster cluster, EnvironmentRecord record) {
        Optional<Namespace> created = cluster.create(Parts.namespace(record));
        if (created.isPresent()) {
            return created.get();
        }
        // of an earlier attempt whose answer we did not get, or not ours
        Namespace there = cluster.get(Namespace.class, null, record.name)
                .orElseThrow(() -> new TransientFault(
                        "creating Namespace",
                        record.cluster + '/' + record.name,
                        "one of that name has just gone",
                        "",
                        Duration.ZERO,
                        null));
        Ownership.demand(record, there);
        return there;
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
                for (HasMetadata part : Parts.inside(record)) {
                    parts.add(() -> cluster.apply(part) != null);
                }
            }
            if (!parts.advance()) {
                return Progress.again(PARTS_LOOK);
            }
            doing = "waiting until " + record.cluster + '/' + name + " can be used";
            if (checks == null) {
                checks = new Fork(service.driver());
                checks.add(() -> cluster.get(ResourceQuota.class, name, Parts.NAME)
                        .filter(Parts::isCounted)
                        .isPresent());
                checks.add(
                        () -> cluster.get(ServiceAccount.class, name, "default").isPresent());
            }
            if (!checks.advance()) {
                return Progress.again(checks.isRunning() ? PARTS_LOOK : nextLook());
            }
        } catch (UserFault fault) {
            return refused(fault);
        }
        return Progress.done(ready());
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
                        changed.expiresAt = changed.readyAt.plus(changed.spec.ttl);
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
        if (boundAt != null && service.now().isBefore(boundAt.plus(BINDING_SPREADS))) {
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

    private static String words(EnvironmentState state) {
        return EnvironmentService.isLive(state) ? "in use" : "being taken away";
    }

    private static int code(UserFault fault) {
        return fault.getCause() instanceof KubernetesClientException
                ? ((KubernetesClientException) fault.getCause()).getCode()
                : 0;
    }
}
