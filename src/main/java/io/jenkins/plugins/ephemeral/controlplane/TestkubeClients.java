package io.jenkins.plugins.ephemeral.controlplane;

import io.jenkins.plugins.ephemeral.outside.Outside;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Makes clients of Testkube's control planes; all of them share one HTTP client. */
public final class TestkubeClients {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final ControlPlanes controlPlanes;
    private final HttpClient http;
    private final Outside outside;

    /**
     * @param controlPlanes connections by name
     * @param http one client per engine, from {@link #newHttpClient()}
     * @param outside the gate of outside calls
     */
    public TestkubeClients(ControlPlanes controlPlanes, HttpClient http, Outside outside) {
        this.controlPlanes = Objects.requireNonNull(controlPlanes);
        this.http = Objects.requireNonNull(http);
        this.outside = Objects.requireNonNull(outside);
    }

    /**
     * A client for {@link #TestkubeClients}: follows no redirect, since it would carry the token along. It must not run
     * on the pool of the reconcilers, whose threads wait for its answers.
     */
    public static HttpClient newHttpClient() {
        return HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /**
     * A client for one turn: it keeps the connection's configuration as it is now.
     *
     * @param name name of the control plane, or null or empty for the only one
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if there is none of that name
     */
    public TestkubeClient client(String name) {
        return new TestkubeClient(new TestkubeExchange(http, outside, controlPlanes.testkube(name)));
    }

    /**
     * A client of a standalone agent's own API.
     *
     * @param name what messages call it
     * @param http what leads to it, whatever the host of a request
     */
    public TestkubeClient standalone(String name, HttpClient http) {
        return new TestkubeClient(new TestkubeExchange(http, outside, new StandaloneConnection(name)), "/v1");
    }

    /** Names of all control planes. */
    public List<String> names() {
        return controlPlanes.testkubeNames();
    }
}
