package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.outside.Console;
import java.util.Optional;

/** One stage: what was asked for, how far it is, its control plane and its console. */
final class JobSight {
    private final TerrakubeClients clients;
    private final TerrakubeSpec spec;
    private final TerrakubeState state;
    private final Console console;

    JobSight(TerrakubeClients clients, TerrakubeSpec spec, TerrakubeState state, Console console) {
        this.clients = clients;
        this.spec = spec;
        this.state = state;
        this.console = console;
    }

    TerrakubeSpec spec() {
        return spec;
    }

    TerrakubeState state() {
        return state;
    }

    /** A client for one turn. */
    TerrakubeClient client() {
        return clients.client(state.controlPlane);
    }

    /** The job as it is now. */
    Optional<TerrakubeJob> look(TerrakubeClient client) throws InterruptedException {
        return client.job(state.organizationId, state.jobId);
    }

    /** Sets the job's status in Terrakube. */
    void set(TerrakubeClient client, String status) throws InterruptedException {
        client.changeStatus(state.organizationId, state.jobId, status);
    }

    /** Page of the job for people, or null. */
    String link(TerrakubeClient client) {
        return client.link(state.organizationId, state.workspaceId == null ? "" : state.workspaceId, state.jobId);
    }

    /** Prints a line of ours. */
    void say(String text) {
        console.line("[" + spec.name + "] " + text);
    }

    /** Prints a line of a step's log. */
    void show(String step, String text) {
        console.line("[" + spec.name + (step.isEmpty() ? "" : " › " + step) + "] " + text);
    }
}
