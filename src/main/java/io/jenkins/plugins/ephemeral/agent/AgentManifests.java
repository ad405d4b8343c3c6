package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.FixedRoles;
import io.jenkins.plugins.ephemeral.environment.NetworkRules;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The objects that make an agent: our own rendering of what chart {@code testkube-runner} creates, without what a
 * namespace that lives for one build does not need (a Service, roles of its own, CRDs). Roles are the fixed ones of
 * {@code deploy/}.
 */
final class AgentManifests {
    /** Name of the Deployment, of the Secret and of the agent's ServiceAccount. */
    static final String NAME = "testkube-agent";

    /** Name of the ServiceAccount that runs of workflows have. */
    static final String EXECUTION = "testkube-execution";

    private static final String LISTENER = "testkube-listener";

    /** Annotation of Secret and Pod: id of the agent in the control plane. A new identity makes a new Pod. */
    static final String AGENT_ID = "ephemeral.jenkins.io/testkube-agent-id";

    static final String ID_KEY = "id";
    static final String SECRET_KEY = "secret";
    static final String ORGANIZATION_KEY = "orgId";
    static final String ENVIRONMENT_KEY = "envId";

    private final AgentIdentity identity;

    AgentManifests(AgentIdentity identity) {
        this.identity = identity;
    }

    /** The Secret with the agent's identity. */
    Secret secret(String namespace, AgentCredentials credentials) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put(ID_KEY, encoded(credentials.id()));
        data.put(SECRET_KEY, encoded(credentials.key()));
        data.put(ORGANIZATION_KEY, encoded(credentials.organizationId()));
        data.put(ENVIRONMENT_KEY, encoded(credentials.environmentId()));
        ObjectMeta meta = meta(namespace, NAME);
        meta.setAnnotations(annotations(credentials));
        return new SecretBuilder()
                .withMetadata(meta)
                .withType("Opaque")
                .withData(data)
                .build();
    }

    /** Everything else, in the order in which it is to be applied; the Deployment is the last. */
    List<HasMetadata> others(AgentDesign design) {
        List<HasMetadata> objects = new ArrayList<>();
        String namespace = design.namespace();
        String runs = design.executionNamespace();
        objects.add(account(design, design.environment(), NAME));
        objects.add(account(design, design.execution(), EXECUTION));
        if (NetworkRules.ISOLATED.equals(design.environment().spec.networkPolicy)) {
            objects.add(egress(design, namespace).get(0));
        }
        if (NetworkRules.ISOLATED.equals(design.execution().spec.networkPolicy)) {
            objects.add(egress(design, runs).get(1));
        }
        objects.add(binding(namespace, NAME, FixedRoles.TESTKUBE_AGENT, account(namespace, NAME)));
        objects.add(binding(
                runs, EXECUTION, FixedRoles.TESTKUBE_EXECUTION, account(namespace, NAME), account(runs, EXECUTION)));
        if (design.isWatching()) {
            objects.add(binding(namespace, LISTENER, FixedRoles.TESTKUBE_LISTENER, account(namespace, NAME)));
        }
        objects.add(deployment(design));
        return objects;
    }

    private List<NetworkPolicy> egress(AgentDesign design, String namespace) {
        return AgentEgress.policies(
                meta(namespace, NAME), identity.selector(), design.credentials().address(), design.serverPort());
    }

    private HasMetadata account(AgentDesign design, EnvironmentRecord of, String name) {
        Set<String> secrets = new LinkedHashSet<>(of.pullSecrets());
        secrets.addAll(design.images().pullSecrets());
        return new ServiceAccountBuilder()
                .withMetadata(meta(of.name, name))
                .withImagePullSecrets(
                        secrets.stream().map(LocalObjectReference::new).toList())
                .build();
    }

    private HasMetadata binding(String namespace, String name, String role, Subject... accounts) {
        return new RoleBindingBuilder()
                .withMetadata(meta(namespace, name))
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                .withSubjects(accounts)
                .build();
    }

    private static Subject account(String namespace, String name) {
        return new SubjectBuilder()
                .withKind("ServiceAccount")
                .withName(name)
                .withNamespace(namespace)
                .build();
    }

    private Deployment deployment(AgentDesign design) {
        return new DeploymentBuilder()
                .withMetadata(meta(design.namespace(), NAME))
                .withNewSpec()
                .withReplicas(1)
                .withRevisionHistoryLimit(0)
                // one identity lives in one place at a time
                .withNewStrategy()
                .withType("Recreate")
                .endStrategy()
                .withNewSelector()
                .withMatchLabels(identity.selector())
                .endSelector()
                .withTemplate(AgentPod.template(design, identity.clusterLabels(), annotations(design.credentials())))
                .endSpec()
                .build();
    }

    private static Map<String, String> annotations(AgentCredentials credentials) {
        return Map.of(
                AGENT_ID, credentials.isEnvironmentToken() ? "of-" + credentials.environmentId() : credentials.id());
    }

    private ObjectMeta meta(String namespace, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(identity.clusterLabels())
                .build();
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
