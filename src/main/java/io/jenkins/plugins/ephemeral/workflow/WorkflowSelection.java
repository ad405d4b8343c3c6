package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Which workflows a step means: those it names, those with its labels, or all that were applied. */
final class WorkflowSelection {
    private final NamespaceRef environment;
    private final String controllerId;
    private final WorkflowRunSpec spec;
    private final ReportStore report;

    WorkflowSelection(NamespaceRef environment, String controllerId, WorkflowRunSpec spec, ReportStore report) {
        this.environment = environment;
        this.controllerId = controllerId;
        this.spec = spec;
        this.report = report;
    }

    /**
     * The runs to come, one per workflow, in the order in which they were named; then those that triggers start.
     *
     * @throws UserFault if there is none, or one that the control plane does not know; it lists those that are known
     */
    List<WorkflowRunState.Run> choose(TestkubeClient client) throws InterruptedException {
        Map<String, String> variants = variants();
        List<String> known = known(client);
        Set<String> names = names(known, variants);
        String where = "control plane " + client.connection().name();
        Set<String> unknown = new LinkedHashSet<>();
        names.forEach(name -> unknown.add(variants.getOrDefault(name, name)));
        known.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new UserFault(
                    "choosing workflows",
                    where,
                    "there is no workflow " + String.join(", ", unknown) + "; known are "
                            + (known.isEmpty() ? "none" : String.join(", ", known)),
                    "Check the name, or apply it with ephemeralApply first.");
        }
        List<WorkflowRunState.Run> runs = new ArrayList<>();
        names.forEach(name -> runs.add(run(name, variants, false)));
        new LinkedHashSet<>(spec.awaitTriggered).forEach(name -> runs.add(run(name, variants, true)));
        if (runs.isEmpty()) {
            throw new UserFault(
                    "choosing workflows",
                    where,
                    spec.selector == null
                            ? "none are named, and none were applied in environment " + environment
                            : "no workflow has the labels " + spec.selector,
                    "Name them in workflows:, or apply some with ephemeralApply first.");
        }
        return runs;
    }

    /** Those of the control plane; variants of other environments are none of ours. */
    private List<String> known(TestkubeClient client) throws InterruptedException {
        List<String> known = new ArrayList<>();
        client.labels(TestkubeResourceKind.WORKFLOW, spec.selector).forEach((name, labels) -> {
            if (DefinitionOwner.mayUse(labels, environment, controllerId)) {
                known.add(name);
            }
        });
        return known;
    }

    /** By a selector each workflow once: a variant of the environment's own in place of the shared one. */
    private Set<String> names(List<String> known, Map<String, String> variants) {
        if (spec.selector == null) {
            boolean all = spec.workflows.isEmpty() && spec.awaitTriggered.isEmpty();
            return new LinkedHashSet<>(all ? applied() : spec.workflows);
        }
        Map<String, String> bases = new HashMap<>();
        variants.forEach((name, variant) -> bases.put(variant, name));
        Set<String> names = new LinkedHashSet<>();
        known.forEach(name -> names.add(bases.getOrDefault(name, name)));
        names.removeIf(name -> variants.containsKey(name) && !known.contains(variants.get(name)));
        return names;
    }

    private WorkflowRunState.Run run(String name, Map<String, String> variants, boolean triggered) {
        WorkflowRunState.Run run = new WorkflowRunState.Run();
        run.workflow = name;
        run.variant = variants.get(name);
        run.triggered = triggered;
        run.afterMillis = triggered ? RunsBefore.millis(entry()) : 0;
        run.tag = UUID.randomUUID().toString();
        return run;
    }

    private EnvironmentEntry entry() {
        return Merging.environment(report.read(), environment.environment());
    }

    private Map<String, String> variants() {
        return entry().variants;
    }

    private List<String> applied() {
        List<String> names = new ArrayList<>();
        for (String resource : entry().resources) {
            if (resource.startsWith("TestWorkflow/")) {
                names.add(resource.substring("TestWorkflow/".length()));
            }
        }
        return names;
    }
}
