package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The values of {@code networkPolicy}, and the policy that each of them stands for. */
public final class NetworkRules {
    /** Nobody in from other namespaces; out only to DNS, the namespace itself and what {@code egress} lists. */
    public static final String ISOLATED = "isolated";

    /** Nobody in from other namespaces; out to anywhere. */
    public static final String NAMESPACE = "namespace";

    /** No policy at all. */
    public static final String OPEN = "open";

    static final Set<String> ALL = Set.of(ISOLATED, NAMESPACE, OPEN);

    /** 5353 is where the DNS Pods of some distributions listen: a policy is about the port behind a Service. */
    private static final int[] DNS = {53, 5353};

    private NetworkRules() {}

    /** The policy for all Pods of an environment, or empty where everything is open. */
    static Optional<NetworkPolicy> policy(EnvironmentSpec spec, ObjectMeta meta) {
        if (OPEN.equals(spec.networkPolicy)) {
            return Optional.empty();
        }
        NetworkPolicyBuilder policy = new NetworkPolicyBuilder()
                .withMetadata(meta)
                .withNewSpec()
                .withNewPodSelector()
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .addNewFrom()
                .withNewPodSelector()
                .endPodSelector()
                .endFrom()
                .endIngress()
                .endSpec();
        if (ISOLATED.equals(spec.networkPolicy)) {
            policy.editSpec()
                    .withPolicyTypes("Ingress", "Egress")
                    .withEgress(egress(spec))
                    .endSpec();
        }
        return Optional.of(policy.build());
    }

    private static List<NetworkPolicyEgressRule> egress(EnvironmentSpec spec) {
        List<NetworkPolicyEgressRule> rules = new ArrayList<>();
        rules.add(new NetworkPolicyEgressRuleBuilder()
                .addNewTo()
                .withNewPodSelector()
                .endPodSelector()
                .endTo()
                .build());
        NetworkPolicyEgressRuleBuilder dns = new NetworkPolicyEgressRuleBuilder();
        for (int port : DNS) {
            dns.addToPorts(port("UDP", port), port("TCP", port));
        }
        rules.add(dns.build());
        for (String text : spec.egress) {
            EgressRule rule = EgressRule.parse(text);
            NetworkPolicyEgressRuleBuilder one = new NetworkPolicyEgressRuleBuilder()
                    .addNewTo()
                    .withNewIpBlock()
                    .withCidr(rule.cidr())
                    .endIpBlock()
                    .endTo();
            if (rule.port() > 0) {
                one.addToPorts(port(rule.protocol(), rule.port()));
            }
            rules.add(one.build());
        }
        return rules;
    }

    private static NetworkPolicyPort port(String protocol, int port) {
        return new NetworkPolicyPort(null, new IntOrString(port), protocol);
    }
}
