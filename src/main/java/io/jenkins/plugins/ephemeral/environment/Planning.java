package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A dry run: the parameters are checked, rights are reviewed, the server is asked whether it would take the Namespace,
 * and everything is rendered. Nothing is written, neither there nor here. What goes into the namespace the server cannot
 * judge before the namespace is there: it is only checked by us.
 */
final class Planning implements Reconciler<EnvironmentPlan>, Placement.Asker {
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final EnvironmentService service;
    private final RunRef run;
    private final EnvironmentRecord record = new EnvironmentRecord();
    private final Console console;
    private Preflight preflight;
    private volatile String doing = "checking parameters";

    Planning(EnvironmentService service, String base, EnvironmentSpec spec, RunRef run, Console console) {
        this.service = service;
        this.run = run;
        this.console = console;
        record.name = base;
        record.base = base;
        record.controllerId = run.controllerId();
        record.spec = spec;
        record.specHash = Names.hash(run.controllerId(), run.externalId(), Registry.json(spec));
        record.requestedAt = service.now();
        record.hold(Holder.of(run, "", false, record.requestedAt));
    }

    @Override
    public Progress<EnvironmentPlan> reconcile() {
        SpecValidation.check(record.spec);
        if (record.cluster == null) {
            record.expiresAt = record.deadline(record.requestedAt);
            if (service.placement().place(record.spec, run, this, this::placed).isEmpty()) {
                return Progress.again(LOOK);
            }
        }
        Cluster cluster = service.cluster(record.cluster);
        SecretParts.demandOpen(service, record.spec);
        EnvironmentPlan plan = plan(cluster);
        if (preflight == null) {
            console.line(
                    "Environment " + record.name + ": dry run in cluster " + record.cluster + ", nothing is made.");
            plan.yaml.lines().forEach(console::line);
            if (service.pool().isOf(record)) {
                console.line("Environment " + record.name + ": a namespace of the pool would be leased for them.");
                return Progress.done(plan);
            }
            preflight = new Preflight(service, cluster, record.name, record.spec);
        }
        doing = "asking " + cluster.name() + " what Jenkins may do";
        if (!preflight.advance()) {
            return Progress.again(LOOK);
        }
        doing = "asking " + cluster.name() + " whether it takes the Namespace";
        if (!cluster.wouldCreate(Parts.namespace(record))) {
            throw new UserFault(
                    "Dry run of Namespace",
                    record.cluster + '/' + record.name,
                    "there is one of that name already",
                    "Choose another name, or let its owner delete it.");
        }
        console.line("Environment " + record.name + ": dry run is through, " + plan.objects.size()
                + " objects would be made, no right is missing.");
        return Progress.done(plan);
    }

    @Override
    public String status() {
        return doing;
    }

    /** Decided, and not written down. */
    @Override
    public String base() {
        return record.base;
    }

    @Override
    public Holder who() {
        return null;
    }

    @Override
    public void waits(String line) {
        if (!line.equals(doing)) {
            console.line(line);
            doing = line;
        }
    }

    private EnvironmentRecord placed(String cluster, String why) {
        record.cluster = cluster;
        record.placement = why;
        return record;
    }

    private EnvironmentPlan plan(Cluster cluster) {
        List<HasMetadata> objects = new ArrayList<>();
        if (!service.pool().isOf(record)) {
            objects.add(Parts.namespace(record));
            cluster.identity().subject().ifPresent(jenkins -> objects.add(Parts.ownRights(record, jenkins)));
        }
        objects.addAll(Parts.inside(record));
        record.spec.secrets.forEach(secret -> objects.add(Parts.secret(record, secret.name, null)));
        StringBuilder yaml = new StringBuilder();
        List<String> names = new ArrayList<>();
        for (HasMetadata object : objects) {
            String text = Serialization.asYaml(object);
            yaml.append(text.startsWith("---") ? "" : "---\n").append(text);
            names.add(object.getKind() + '/' + object.getMetadata().getName());
        }
        return new EnvironmentPlan(record.name, record.cluster, names, yaml.toString());
    }
}
