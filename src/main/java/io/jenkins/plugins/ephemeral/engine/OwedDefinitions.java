package io.jenkins.plugins.ephemeral.engine;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResource;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.environment.Undoer;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.workflow.Owed;
import java.util.Map;
import java.util.Optional;

/** Triggers and variants in a control plane as obligations of their environment: deleted before its namespace goes. */
public final class OwedDefinitions implements Owed, Undoer {
    private static final String KIND = "testkube-definition";

    private final String controllerId;
    private final Environments environments;
    private final TestkubeClients clients;

    /**
     * @param controllerId id of this controller
     * @param environments whose records keep what is owed
     * @param clients the control planes
     */
    public OwedDefinitions(String controllerId, Environments environments, TestkubeClients clients) {
        this.controllerId = controllerId;
        this.environments = environments;
        this.clients = clients;
    }

    @Override
    public void owe(NamespaceRef environment, String controlPlane, TestkubeResourceKind kind, String name) {
        environments.owe(environment.environment(), obligation(controlPlane, kind, name));
    }

    @Override
    public void settle(NamespaceRef environment, String controlPlane, TestkubeResourceKind kind, String name) {
        environments.settle(environment.environment(), obligation(controlPlane, kind, name));
    }

    @Override
    public boolean isOwed(NamespaceRef environment, String controlPlane, TestkubeResourceKind kind, String name) {
        Obligation meant = obligation(controlPlane, kind, name);
        return environments
                .find(environment.environment())
                .filter(record -> record.obligations.stream().anyMatch(meant::isSame))
                .isPresent();
    }

    private static Obligation obligation(String controlPlane, TestkubeResourceKind kind, String name) {
        Obligation obligation = new Obligation();
        obligation.kind = KIND;
        obligation.key = controlPlane + '/' + kind + '/' + name;
        obligation.details.putAll(Map.of("controlPlane", controlPlane, "resource", kind.name(), "name", name));
        return obligation;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Progress<Void> undo(EnvironmentRecord environment, Obligation obligation, Console console)
            throws InterruptedException {
        Map<String, String> details = obligation.details;
        TestkubeClient client = clients.client(details.get("controlPlane"));
        TestkubeResourceKind kind = TestkubeResourceKind.valueOf(details.get("resource"));
        String name = details.get("name");
        Optional<TestkubeResource> known = client.resource(kind, name);
        // versions that left the controller out of such names may have given two environments the same one
        if (known.isPresent()
                && controllerId.equals(known.get().labels().getOrDefault(CONTROLLER_LABEL, controllerId))) {
            client.delete(kind, name);
        }
        return Progress.done(null);
    }
}
