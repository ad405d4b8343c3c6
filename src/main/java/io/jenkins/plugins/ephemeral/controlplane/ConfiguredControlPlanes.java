package io.jenkins.plugins.ephemeral.controlplane;

import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The control planes of a configuration, read anew at each use. */
public final class ConfiguredControlPlanes implements ControlPlanes {
    private final Supplier<List<TestkubeConnection>> connections;

    /** @param connections the configured ones, in their order; asked at each use */
    public ConfiguredControlPlanes(Supplier<List<TestkubeConnection>> connections) {
        this.connections = Objects.requireNonNull(connections);
    }

    @Override
    public TestkubeConnection testkube(String name) {
        return choose("Testkube", name, connections.get(), TestkubeConnection::name);
    }

    /** The one of that name, or the only one if none is named. */
    static <C> C choose(String product, String name, List<C> all, Function<C, String> nameOf) {
        boolean unnamed = name == null || name.isEmpty();
        if (unnamed && all.size() == 1) {
            return all.get(0);
        }
        for (C connection : all) {
            if (nameOf.apply(connection).equals(name)) {
                return connection;
            }
        }
        String known = all.isEmpty()
                ? "no control plane is configured"
                : "configured are " + all.stream().map(nameOf).collect(Collectors.joining(", "));
        throw new UserFault(
                "choosing a " + product + " control plane",
                unnamed ? "" : name,
                unnamed
                        ? "none is named and there is not exactly one; " + known
                        : "there is none of that name; " + known,
                "Name one of them in 'controlPlane', or add it in the Jenkins configuration.");
    }

    @Override
    public List<String> testkubeNames() {
        return connections.get().stream().map(TestkubeConnection::name).toList();
    }
}
