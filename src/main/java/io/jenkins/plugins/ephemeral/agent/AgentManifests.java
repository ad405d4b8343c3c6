package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.FixedRoles;
import io.jenkins.plugins.ephemeral.environment.NetworkRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects that make an agent in runner mode: our own rendering of what chart {@code testkube-runner} creates, without
 * what a namespace that lives for one build does not need (a Service, roles of its own, CRDs, watchers). The Pod passes
 * Pod Security's {@code restricted} and has requests and limits, so that it fits under a quota.
 */
final class AgentManifests {
    /** Name of the Deployment, of the Secret and of the agent's ServiceAccount. */
    static final String NAME = "testkube-agent";

    /** Name of the ServiceAccount that runs of workflows have. */
    static final String EXECUTION = "testkube-execution";

    /** Annotation of Secret and Pod: id of the agent in the control plane. A new identity makes a new Pod. */
    static final String AGENT_ID = "ephemeral.jenkins.io/testkube-agent-id";

    static final String ID_KEY = "id";
    static final String SECRET_KEY = "secret";
    private static final String ORGANIZATION_KEY = "orgId";
    private static final String ENVIRONMENT_KEY = "envId";
    private static final int PORT = 8088;
    private static final long USER = 1001;

    private final String namespace;
    private final Map<String, String> labels;
    private final Map<String, String> selector;
    private final EnvironmentSpec environment;

    AgentManifests(String namespace, AgentIdentity identity, EnvironmentSpec environment) {
        this.namespace = namespace;
        this.environment = environment;
        labels = identity.clusterLabels();
        selector = identity.selector();
    }

    /** The Secret with the agent's identity. */
    Secret secret(TestkubeConnection connection, String agentId, String secretKey) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put(ID_KEY, encoded(agentId));
        data.put(SECRET_KEY, encoded(secretKey));
        data.put(ORGANIZATION_KEY, encoded(connection.organizationId()));
        data.put(ENVIRONMENT_KEY, encoded(connection.environmentId()));
        ObjectMeta meta = meta(NAME);
        meta.setAnnotations(Map.of(AGENT_ID, agentId));
        return new SecretBuilder()
                .withMetadata(meta)
                .withType("Opaque")
                .withData(data)
                .build();
    }

    /**
     * Everything else, in the order in which it is to be applied; the Deployment is the last.
     *
     * @param serverPort port of the cluster's API server as Jenkins reaches it
     */
    List<HasMetadata> others(TestkubeConnection connection, String agentId, AgentImages images, int serverPort) {
        List<HasMetadata> objects = new ArrayList<>();
        List<LocalObjectReference> pullSecrets = new ArrayList<>();
        environment.imagePullSecrets.forEach(name -> pullSecrets.add(new LocalObjectReference(name)));
        for (String account : List.of(NAME, EXECUTION)) {
            objects.add(new ServiceAccountBuilder()
                    .withMetadata(meta(account))
                    .withImagePullSecrets(pullSecrets)
                    .build());
        }
        if (NetworkRules.ISOLATED.equals(environment.networkPolicy)) {
            objects.addAll(AgentEgress.policies(meta(NAME), selector, connection.agentAddress(), serverPort));
        }
        objects.add(binding(NAME, FixedRoles.TESTKUBE_AGENT, NAME));
        objects.add(binding(EXECUTION, FixedRoles.TESTKUBE_EXECUTION, NAME, EXECUTION));
        objects.add(deployment(connection, agentId, images));
        return objects;
    }

    private HasMetadata binding(String name, String role, String... accounts) {
        List<Subject> subjects = new ArrayList<>();
        for (String account : accounts) {
            subjects.add(new SubjectBuilder()
                    .withKind("ServiceAccount")
                    .withName(account)
                    .withNamespace(namespace)
                    .build());
        }
        return new RoleBindingBuilder()
                .withMetadata(meta(name))
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                .withSubjects(subjects)
                .build();
    }

    private Deployment deployment(TestkubeConnection connection, String agentId, AgentImages images) {
        return new DeploymentBuilder()
                .withMetadata(meta(NAME))
                .withNewSpec()
                .withReplicas(1)
                .withRevisionHistoryLimit(0)
                // one identity lives in one place at a time
                .withNewStrategy()
                .withType("Recreate")
                .endStrategy()
                .withNewSelector()
                .withMatchLabels(selector)
                .endSelector()
                .withTemplate(template(connection, agentId, images))
                .endSpec()
                .build();
    }

    private PodTemplateSpec template(TestkubeConnection connection, String agentId, AgentImages images) {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .withAnnotations(Map.of(AGENT_ID, agentId))
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(NAME)
                .withTerminationGracePeriodSeconds(10L)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile(null, "RuntimeDefault")
                .endSecurityContext()
                .withContainers(container(connection, images))
                .addNewVolume()
                .withName("tmp")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .addNewVolume()
                .withName("nats")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
    }

    private Container container(TestkubeConnection connection, AgentImages images) {
        return new ContainerBuilder()
                .withName("agent")
                .withImage(images.agent())
                .withEnv(environment(connection, images))
                .addNewPort()
                .withName("http")
                .withContainerPort(PORT)
                .withProtocol("TCP")
                .endPort()
                .withStartupProbe(probe(1, 100))
                .withReadinessProbe(probe(5, 3))
                .withLivenessProbe(probe(10, 6))
                .withNewResources()
                .addToRequests("cpu", new Quantity("100m"))
                .addToRequests("memory", new Quantity("128Mi"))
                .addToLimits("cpu", new Quantity("500m"))
                .addToLimits("memory", new Quantity("512Mi"))
                .endResources()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withRunAsNonRoot(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .addNewVolumeMount()
                .withName("tmp")
                .withMountPath("/tmp")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("nats")
                .withMountPath("/app/nats")
                .endVolumeMount()
                .build();
    }

    /** The least that a runner needs (templates/deployment.yaml of chart testkube-runner); all else is off. */
    private List<EnvVar> environment(TestkubeConnection connection, AgentImages images) {
        List<EnvVar> variables = new ArrayList<>();
        variables.add(fromSecret("TESTKUBE_PRO_AGENT_ID", ID_KEY));
        variables.add(fromSecret("TESTKUBE_PRO_API_KEY", SECRET_KEY));
        variables.add(fromSecret("TESTKUBE_PRO_ORG_ID", ORGANIZATION_KEY));
        variables.add(fromSecret("TESTKUBE_PRO_ENV_ID", ENVIRONMENT_KEY));
        Map<String, String> values = new LinkedHashMap<>();
        values.put("TESTKUBE_PRO_URL", connection.agentAddress());
        values.put("TESTKUBE_PRO_SKIP_VERIFY", "false");
        values.put("APISERVER_FULLNAME", NAME);
        values.put("APISERVER_PORT", String.valueOf(PORT));
        values.put("TESTKUBE_NAMESPACE", namespace);
        values.put("JOB_SERVICE_ACCOUNT_NAME", EXECUTION);
        values.put("TESTKUBE_TW_TOOLKIT_IMAGE", images.toolkit());
        values.put("TESTKUBE_TW_INIT_IMAGE", images.init());
        for (String off : List.of(
                "ENABLE_K8S_EVENTS",
                "ENABLE_CRON_JOBS",
                "ALLOW_LOW_SECURITY_FIELDS",
                "GITOPS_KUBERNETES_TO_CLOUD_ENABLED",
                "GITOPS_CLOUD_TO_KUBERNETES_ENABLED",
                "TESTKUBE_ANALYTICS_ENABLED")) {
            values.put(off, "false");
        }
        for (String on : List.of(
                "DISABLE_TEST_TRIGGERS",
                "DISABLE_WEBHOOKS",
                "DISABLE_DEPRECATED_TESTS",
                "DISABLE_DEFAULT_AGENT",
                "NATS_EMBEDDED")) {
            values.put(on, "true");
        }
        values.forEach((name, value) -> variables.add(
                new EnvVarBuilder().withName(name).withValue(value).build()));
        return variables;
    }

    private static EnvVar fromSecret(String name, String key) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewSecretKeyRef(key, NAME, false)
                .endValueFrom()
                .build();
    }

    private static Probe probe(int periodSeconds, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath("/health")
                .withPort(new IntOrString(PORT))
                .withScheme("HTTP")
                .endHttpGet()
                .withPeriodSeconds(periodSeconds)
                .withFailureThreshold(failures)
                .withTimeoutSeconds(5)
                .build();
    }

    private ObjectMeta meta(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(labels)
                .build();
    }

    private static String encoded(String text) {
        return java.util.Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
