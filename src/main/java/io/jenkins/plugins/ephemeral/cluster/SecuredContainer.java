package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import java.util.ArrayList;
import java.util.List;

/** What {@link PodSecurity} asks of a container, of whichever of the three kinds a Pod has. */
final class SecuredContainer {
    private final String name;
    private final SecurityContext context;
    private final List<Integer> hostPorts = new ArrayList<>();
    private final List<String> hookHosts = new ArrayList<>();

    private SecuredContainer(
            String name, SecurityContext context, List<ContainerPort> ports, Lifecycle hooks, List<Probe> probes) {
        this.name = "container " + name;
        this.context = context;
        for (ContainerPort port : ports) {
            if (port.getHostPort() != null) {
                hostPorts.add(port.getHostPort());
            }
        }
        for (Probe probe : probes) {
            if (probe != null) {
                host(probe.getHttpGet(), probe.getTcpSocket());
            }
        }
        if (hooks != null) {
            hook(hooks.getPostStart());
            hook(hooks.getPreStop());
        }
    }

    static List<SecuredContainer> all(PodSpec spec) {
        List<SecuredContainer> all = new ArrayList<>();
        List<io.fabric8.kubernetes.api.model.Container> ordinary = new ArrayList<>(spec.getInitContainers());
        ordinary.addAll(spec.getContainers());
        ordinary.forEach(each -> {
            List<Probe> probes = new ArrayList<>();
            probes.add(each.getStartupProbe());
            probes.add(each.getReadinessProbe());
            probes.add(each.getLivenessProbe());
            all.add(new SecuredContainer(
                    each.getName(), each.getSecurityContext(), each.getPorts(), each.getLifecycle(), probes));
        });
        // ephemeral ones may have neither probes nor hooks
        spec.getEphemeralContainers()
                .forEach(each -> all.add(new SecuredContainer(
                        each.getName(), each.getSecurityContext(), each.getPorts(), null, List.of())));
        return all;
    }

    String name() {
        return name;
    }

    SecurityContext context() {
        return context;
    }

    List<Integer> hostPorts() {
        return hostPorts;
    }

    /** Hosts that probes and hooks name, instead of the Pod's own address. */
    List<String> hookHosts() {
        return hookHosts;
    }

    private void hook(LifecycleHandler handler) {
        if (handler != null) {
            host(handler.getHttpGet(), handler.getTcpSocket());
        }
    }

    private void host(HTTPGetAction http, TCPSocketAction tcp) {
        if (http != null && http.getHost() != null && !http.getHost().isEmpty()) {
            hookHosts.add(http.getHost());
        }
        if (tcp != null && tcp.getHost() != null && !tcp.getHost().isEmpty()) {
            hookHosts.add(tcp.getHost());
        }
    }
}
