package io.jenkins.plugins.ephemeral.controlplane;

/** A connection to a Terrakube of a test. */
public final class TerrakubeAccess implements TerrakubeConnection {
    private final String url;
    private final String organization;
    private final String token;

    private String cluster = "";

    /** See {@link TerrakubeConnection}. */
    public TerrakubeAccess(String url, String organization, String token) {
        this.url = url;
        this.organization = organization;
        this.token = token;
    }

    @Override
    public String name() {
        return "tk";
    }

    @Override
    public String apiUrl() {
        return url;
    }

    @Override
    public String uiUrl() {
        return "https://terrakube.example.org/";
    }

    @Override
    public String organization() {
        return organization;
    }

    /** Its executors are looked at in that cluster. */
    public TerrakubeAccess inCluster(String name) {
        cluster = name;
        return this;
    }

    @Override
    public String cluster() {
        return cluster;
    }

    @Override
    public String namespace() {
        return "terrakube";
    }

    @Override
    public String apiToken() {
        return token;
    }
}
