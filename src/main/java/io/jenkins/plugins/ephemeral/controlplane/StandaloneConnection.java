package io.jenkins.plugins.ephemeral.controlplane;

/** A standalone agent, which has an API of its own below {@code /v1} and neither organization nor token. */
final class StandaloneConnection implements TestkubeConnection {
    private final String name;

    /** @param name what messages call it */
    StandaloneConnection(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String apiUrl() {
        return "http://agent";
    }

    @Override
    public String agentAddress() {
        return "";
    }

    @Override
    public String dashboardUrl() {
        return "";
    }

    @Override
    public String organizationId() {
        return "";
    }

    @Override
    public String environmentId() {
        return "";
    }

    @Override
    public String apiToken() {
        return "";
    }
}
