package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What lets the agent and its executions out of an isolated environment: to the API server and to the control plane.
 * A NetworkPolicy knows addresses, not names, and those of a control plane change; so it names their ports only.
 */
final class AgentEgress {
    private static final String NAME = AgentManifests.NAME;

    /** Label of the Pods of executions. Source: Testkube pkg/testworkflows/testworkflowprocessor/constants. */
    private static final String EXECUTION = "testkube.io/resource";

    /** Where API servers listen, before and behind their Service. */
    private static final List<Integer> API_SERVERS = List.of(443, 6443);

    private AgentEgress() {}

    /**
     * @param meta metadata of our objects; the name is given here
     * @param agent labels of the agent's Pod
     * @param agentAddress {@code host:port} of the control plane
     * @param serverPort port of the API server as Jenkins reaches it
     */
    static List<NetworkPolicy> policies(
            ObjectMeta meta, Map<String, String> agent, String agentAddress, int serverPort) {
        TreeSet<Integer> ports = new TreeSet<>(API_SERVERS);
        ports.add(serverPort);
        ports.add(port(agentAddress));
        LabelSelector executions = new LabelSelectorBuilder()
                .addNewMatchExpression()
                .withKey(EXECUTION)
                .withOperator("Exists")
                .endMatchExpression()
                .build();
        return List.of(
                policy(
                        meta,
                        NAME,
                        new LabelSelectorBuilder().withMatchLabels(agent).build(),
                        ports),
                policy(meta, AgentManifests.EXECUTION, executions, ports));
    }

    private static NetworkPolicy policy(ObjectMeta meta, String name, LabelSelector pods, TreeSet<Integer> ports) {
        List<NetworkPolicyPort> open = new ArrayList<>();
        ports.forEach(port -> open.add(new NetworkPolicyPort(null, new IntOrString(port), "TCP")));
        return new NetworkPolicyBuilder()
                .withNewMetadataLike(meta)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withPodSelector(pods)
                .withPolicyTypes("Egress")
                .addNewEgress()
                .withPorts(open)
                .endEgress()
                .endSpec()
                .build();
    }

    /** 443 where none is said, as gRPC clients take it. */
    private static int port(String address) {
        String text = address.substring(address.lastIndexOf(':') + 1);
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 443;
    }
}
