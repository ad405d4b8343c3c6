package io.jenkins.plugins.ephemeral.executor;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.environment.FixedRoles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Who Jenkins is inside of an environment, by {@code deploy/rbac.yaml}. */
final class DeployedRights {
    private DeployedRights() {}

    /** As {@link #identity(Config, KubernetesClient, String, String, String)}, and no verb is taken away. */
    static Config identity(Config admin, KubernetesClient client, String namespace) {
        return identity(admin, client, namespace, "", "");
    }

    /** A service account of the namespace that holds deploy's rights there, but for one verb. */
    static Config identity(Config admin, KubernetesClient client, String namespace, String resource, String verb) {
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("jenkins")
                        .endMetadata()
                        .build())
                .create();
        List<PolicyRule> rules = new ArrayList<>();
        for (PolicyRule rule : deployed(client).getRules()) {
            for (String each : rule.getResources()) {
                List<String> verbs = rule.getVerbs().stream()
                        .filter(v -> !(each.equals(resource) && v.equals(verb)))
                        .toList();
                if (!verbs.isEmpty()) {
                    rules.add(new PolicyRuleBuilder(rule)
                            .withResources(each)
                            .withVerbs(verbs)
                            .build());
                }
            }
        }
        client.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("jenkins")
                        .endMetadata()
                        .withRules(rules)
                        .build())
                .create();
        client.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("jenkins")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", "jenkins")
                        .addNewSubject(null, "ServiceAccount", "jenkins", namespace)
                        .build())
                .create();
        Config config = Config.empty();
        config.setMasterUrl(admin.getMasterUrl());
        config.setCaCertData(admin.getCaCertData());
        config.setOauthToken(client.serviceAccounts()
                .inNamespace(namespace)
                .withName("jenkins")
                .tokenRequest(new TokenRequest())
                .getStatus()
                .getToken());
        try (KubernetesClient jenkins =
                new KubernetesClientBuilder().withConfig(config).build()) {
            await("the binding is effective").atMost(Duration.ofSeconds(30)).until(() -> {
                try {
                    jenkins.resourceQuotas()
                            .inNamespace(namespace)
                            .withName("any")
                            .get();
                    return true;
                } catch (KubernetesClientException e) {
                    return false;
                }
            });
        }
        return config;
    }

    private static ClusterRole deployed(KubernetesClient client) {
        try (InputStream text = Files.newInputStream(Path.of("deploy/rbac.yaml"))) {
            return client.load(text).items().stream()
                    .filter(role -> role.getMetadata().getName().equals(FixedRoles.NAMESPACE))
                    .map(ClusterRole.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
