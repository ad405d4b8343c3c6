package io.jenkins.plugins.ephemeral.controlplane;

import io.jenkins.plugins.ephemeral.outside.Outside;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** Makes clients of Terrakube's control planes; all of them share one HTTP client. */
public final class TerrakubeClients {
    private final Supplier<List<TerrakubeConnection>> connections;
    private final HttpClient http;
    private final Outside outside;

    /**
     * @param connections the configured ones, in their order; asked at each use
     * @param http one client per engine, from {@link TestkubeClients#newHttpClient()}
     * @param outside the gate of outside calls
     */
    public TerrakubeClients(Supplier<List<TerrakubeConnection>> connections, HttpClient http, Outside outside) {
        this.connections = Objects.requireNonNull(connections);
        this.http = Objects.requireNonNull(http);
        this.outside = Objects.requireNonNull(outside);
    }

    /**
     * A client for one turn: it keeps the connection's configuration as it is now.
     *
     * @param name name of the control plane, or null or empty for the only one
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if there is none of that name; the message lists those
     *     that exist
     */
    public TerrakubeClient client(String name) {
        return client(ConfiguredControlPlanes.choose("Terrakube", name, connections.get(), TerrakubeConnection::name));
    }

    /** A client of a connection that need not be configured. */
    public TerrakubeClient client(TerrakubeConnection connection) {
        return new TerrakubeClient(new TerrakubeExchange(http, outside, connection));
    }
}
