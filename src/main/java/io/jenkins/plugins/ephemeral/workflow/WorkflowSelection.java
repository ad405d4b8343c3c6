package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which workflows a step means: those it names, those with its labels, or all that were applied. */
final class WorkflowSelection {
    private final NamespaceRef environment;
    private final WorkflowRunSpec spec;
    private final ReportStore report;

    WorkflowSelection(NamespaceRef environment, WorkflowRunSpec spec, ReportStore report) {
        this.environment = environment;
        this.spec = spec;
        this.report = report;
    }

    /**
     * Their names, each once, in the order in which they were named.
     *
     * @throws UserFault if there is none, or one that the control plane does not know; it lists those that are known
     */
    Set<String> choose(TestkubeClient client) throws InterruptedException {
        List<String> known = client.list(TestkubeResourceKind.WORKFLOW, spec.selector);
        List<String> names = spec.workflows;
        if (spec.selector != null) {
            names = known;
        } else if (names.isEmpty()) {
            names = applied();
        }
        String where = "control plane " + client.connection().name();
        if (names.isEmpty()) {
            throw new UserFault(
                    "choosing workflows",
                    where,
                    spec.selector == null
                            ? "none are named, and none were applied in environment " + environment
                            : "no workflow has the labels " + spec.selector,
                    "Name them in workflows:, or apply some with ephemeralApply first.");
        }
        Set<String> unknown = new LinkedHashSet<>(names);
        known.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new UserFault(
                    "choosing workflows",
                    where,
                    "there is no workflow " + String.join(", ", unknown) + "; known are "
                            + (known.isEmpty() ? "none" : String.join(", ", known)),
                    "Check the name, or apply it with ephemeralApply first.");
        }
        return new LinkedHashSet<>(names);
    }

    private List<String> applied() {
        List<String> names = new ArrayList<>();
        for (EnvironmentEntry entry : report.read().environments) {
            if (entry.name.equals(environment.environment())) {
                for (String resource : entry.resources) {
                    if (resource.startsWith("TestWorkflow/")) {
                        names.add(resource.substring("TestWorkflow/".length()));
                    }
                }
            }
        }
        return names;
    }
}
