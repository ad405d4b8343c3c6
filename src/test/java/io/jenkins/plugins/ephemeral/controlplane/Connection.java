package io.jenkins.plugins.ephemeral.controlplane;

import java.util.List;

/** A connection to a control plane of a test. */
public final class Connection implements TestkubeConnection {
    private final String url;
    private final String organization;
    private final String environment;
    private final String token;
    private String agentAddress = "agent.example.org:443";
    private String sharedAgent = "";
    private String queueCluster = "";

    /** See {@link TestkubeConnection}. */
    public Connection(String url, String organization, String environment, String token) {
        this.url = url;
        this.organization = organization;
        this.environment = environment;
        this.token = token;
    }

    /** With the identity of a shared agent, as it was pasted. */
    public Connection sharing(String pasted) {
        sharedAgent = pasted;
        return this;
    }

    /** With a cluster that keeps the queue for it. */
    public Connection queueingIn(String cluster) {
        queueCluster = cluster;
        return this;
    }

    @Override
    public String queueCluster() {
        return queueCluster;
    }

    /** With another address for agents. */
    public Connection reachedAt(String address) {
        agentAddress = address;
        return this;
    }

    @Override
    public String sharedAgent() {
        return sharedAgent;
    }

    @Override
    public String queueNamespace() {
        return "default";
    }

    /** The configuration that has only this one. */
    public ControlPlanes alone() {
        return new ConfiguredControlPlanes(() -> List.of(this));
    }

    @Override
    public String name() {
        return "testkube";
    }

    @Override
    public String apiUrl() {
        return url;
    }

    @Override
    public String agentAddress() {
        return agentAddress;
    }

    @Override
    public String dashboardUrl() {
        return "https://app.example.org/";
    }

    @Override
    public String organizationId() {
        return organization;
    }

    @Override
    public String environmentId() {
        return environment;
    }

    @Override
    public String apiToken() {
        return token;
    }
}
