package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** What the layers of a stage's Pod come to, and what of it an administrator's settings let through. */
public class StagePodTest {
    private static final NamespaceRef ENVIRONMENT = new NamespaceRef("shop-pr-41", "dev", "shop-pr-41", "u-1");
    private static final RunRef RUN = new RunRef("c0ffee", "shop/web/PR-41", 7, "https://ci.example.com/job/7/");

    /** Preparing asks no cluster. */
    private static final Clusters NO_CLUSTERS = new Clusters() {
        @Override
        public Cluster cluster(String name) {
            throw new AssertionError(name);
        }

        @Override
        public List<String> names() {
            return List.of();
        }
    };

    private static final StageLocks NO_LOCKS = new StageLocks(Path.of("never", "written"), new Outside());

    private final StageJobSettings settings = new StageJobSettings();
    private final StageJobSpec spec = new StageJobSpec();

    public StagePodTest() {
        spec.name = "net";
        spec.type = "plan";
        spec.image = "terraform:1.9";
    }

    private PodTemplateSpec template() {
        return new StageJobManifest(ENVIRONMENT, spec, "net-7-abc", RUN, "ephemeral").template();
    }

    private PodSpec pod() {
        return template().getSpec();
    }

    private Container stage() {
        return pod().getContainers().stream()
                .filter(c -> c.getName().equals("stage"))
                .findFirst()
                .orElseThrow();
    }

    private void prepare() {
        new StageJobService(NO_CLUSTERS, ref -> "ephemeral", ref -> null, () -> settings, NO_LOCKS)
                .prepare(ENVIRONMENT, spec, RUN);
    }

    private void refused(String parameter, String says) {
        assertThatThrownBy(this::prepare)
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter " + parameter)
                .hasMessageContaining(says);
    }

    @Test
    public void eachParameterReachesThePod() {
        spec.nodeSelector.put("disk", "ssd");
        spec.tolerations.add(
                Map.of("key", "spot", "operator", "Exists", "effect", "NoExecute", "tolerationSeconds", "60"));
        spec.imagePullSecrets.add("registry");
        spec.podAnnotations.put("vault.hashicorp.com/agent-inject", "true");
        spec.podSecurityContext.putAll(Map.of("runAsUser", "2000", "fsGroup", "3000"));
        spec.securityContext.put("readOnlyRootFilesystem", "true");
        spec.automountServiceAccountToken = true;
        spec.serviceAccount = "terraform";
        spec.workingDir = "/workspace/infra";
        spec.imagePullPolicy = "Always";
        PodTemplateSpec template = template();
        PodSpec pod = template.getSpec();

        assertThat(pod.getNodeSelector()).containsEntry("disk", "ssd");
        assertThat(pod.getTolerations()).singleElement().satisfies(toleration -> {
            assertThat(toleration.getKey()).isEqualTo("spot");
            assertThat(toleration.getTolerationSeconds()).isEqualTo(60);
        });
        assertThat(pod.getImagePullSecrets()).extracting("name").containsExactly("registry");
        assertThat(template.getMetadata().getAnnotations()).containsKey("vault.hashicorp.com/agent-inject");
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(2000);
        assertThat(pod.getSecurityContext().getRunAsGroup()).isEqualTo(1000);
        assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(3000);
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getAutomountServiceAccountToken()).isTrue();
        assertThat(pod.getServiceAccountName()).isEqualTo("terraform");
        assertThat(stage().getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(stage().getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(stage().getWorkingDir()).isEqualTo("/workspace/infra");
        assertThat(stage().getImagePullPolicy()).isEqualTo("Always");
    }

    @Test
    public void requestsAndLimitsTogetherOrApart() {
        spec.resources.put("cpu", "500m");
        spec.resources.put("requests.memory", "256Mi");
        spec.resources.put("limits.memory", "1Gi");
        spec.resources.put("limits.nvidia.com/gpu", "1");

        assertThat(stage().getResources().getRequests())
                .containsOnly(Map.entry("cpu", new Quantity("500m")), Map.entry("memory", new Quantity("256Mi")));
        assertThat(stage().getResources().getLimits())
                .containsOnly(
                        Map.entry("cpu", new Quantity("500m")),
                        Map.entry("memory", new Quantity("1Gi")),
                        Map.entry("nvidia.com/gpu", new Quantity("1")));
        prepare();
    }

    @Test
    public void sourcesOfVariables() {
        spec.secrets.add("a");
        spec.configMaps.add("b");
        spec.envFrom.add(Map.of("secret", "c", "prefix", "TF_", "optional", "true"));
        spec.envFrom.add(Map.of("configMap", "d"));

        assertThat(stage().getEnvFrom()).hasSize(4);
        assertThat(stage().getEnvFrom().get(0).getSecretRef().getName()).isEqualTo("a");
        assertThat(stage().getEnvFrom().get(1).getConfigMapRef().getName()).isEqualTo("b");
        assertThat(stage().getEnvFrom().get(2).getPrefix()).isEqualTo("TF_");
        assertThat(stage().getEnvFrom().get(2).getSecretRef().getOptional()).isTrue();
        assertThat(stage().getEnvFrom().get(3).getConfigMapRef().getName()).isEqualTo("d");
        spec.envFrom.add(Map.of("secret", "x", "configMap", "y"));
        refused("envFrom", "does not name exactly one source");
    }

    @Test
    public void volumesOfAllKinds() {
        spec.volumes.add(Map.of("configMap", "tf", "mountPath", "/data"));
        spec.volumes.add(Map.of("secret", "keys", "mountPath", "/keys", "readOnly", "true"));
        spec.volumes.add(Map.of("claim", "cache", "mountPath", "/cache", "subPath", "plugins"));
        spec.volumes.add(Map.of("emptyDir", "1Gi", "mountPath", "/big"));
        spec.volumes.add(Map.of("emptyDir", "", "mountPath", "/any"));
        List<Volume> volumes = pod().getVolumes();

        assertThat(volumes.get(2).getConfigMap().getName()).isEqualTo("tf");
        assertThat(volumes.get(3).getSecret().getSecretName()).isEqualTo("keys");
        assertThat(volumes.get(4).getPersistentVolumeClaim().getClaimName()).isEqualTo("cache");
        assertThat(volumes.get(5).getEmptyDir().getSizeLimit()).isEqualTo(new Quantity("1Gi"));
        assertThat(volumes.get(6).getEmptyDir().getSizeLimit()).isNull();
        assertThat(stage().getVolumeMounts())
                .extracting("mountPath")
                .containsExactly("/home/ephemeral", "/workspace", "/data", "/keys", "/cache", "/big", "/any");
        assertThat(stage().getVolumeMounts().get(4).getSubPath()).isEqualTo("plugins");
        prepare();
        spec.volumes.add(Map.of("claim", "cache", "mountPath", "relative"));
        refused("volumes", "'relative' is not an absolute path");
    }

    @Test
    public void theStepComesBeforeTheDefaultsAndTheYamlBeforeAll() {
        settings.podYaml = "metadata: {labels: {team: platform, cost: ci}}\nspec:\n  priorityClassName: batch\n"
                + "  nodeSelector: {disk: hdd, zone: a}\n  containers:\n  - name: stage\n    env: [{name: A, value: default},"
                + " {name: B, value: default}]\n    resources: {limits: {memory: 1Gi}}\n";
        spec.nodeSelector.put("disk", "ssd");
        spec.labels.put("team", "shop");
        spec.env.put("A", "step");
        spec.podYaml = "spec: {nodeSelector: {zone: null}, containers: [{name: stage, env: [{name: A, value: yaml}]},"
                + " {name: proxy, image: 'proxy:1'}]}";
        prepare();
        PodTemplateSpec template = template();
        PodSpec pod = template.getSpec();

        assertThat(template.getMetadata().getLabels())
                .containsEntry("team", "shop")
                .containsEntry("cost", "ci");
        assertThat(pod.getPriorityClassName()).isEqualTo("batch");
        assertThat(pod.getNodeSelector()).containsOnly(Map.entry("disk", "ssd"));
        assertThat(stage().getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("HOME", "/home/ephemeral"),
                        org.assertj.core.groups.Tuple.tuple("A", "yaml"),
                        org.assertj.core.groups.Tuple.tuple("B", "default"));
        assertThat(stage().getResources().getLimits()).containsKey("memory");
        assertThat(pod.getContainers().get(1).getSecurityContext().getAllowPrivilegeEscalation())
                .isFalse();
    }

    @Test
    public void whatMustBeSoStaysSo() {
        spec.type = "apply";
        spec.podYaml = "metadata: {labels: {ephemeral.jenkins.io/job: mine}}\nspec: {containers: [{name: stage, env:"
                + " [{name: EPHEMERAL_ATTEMPT, value: x}]}]}";
        PodTemplateSpec template = template();

        assertThat(template.getSpec().getRestartPolicy()).isEqualTo("Never");
        assertThat(template.getMetadata().getLabels()).containsEntry("ephemeral.jenkins.io/job", "net-7-abc");
        assertThat(stage().getEnv())
                .filteredOn(v -> v.getName().equals("EPHEMERAL_ATTEMPT"))
                .singleElement()
                .satisfies(v -> {
                    assertThat(v.getValue()).isNull();
                    assertThat(v.getValueFrom().getSecretKeyRef().getName()).isEqualTo("net-7-abc");
                });
        spec.podYaml = "spec: {restartPolicy: OnFailure}";
        refused("podYaml", "always Never");
        spec.podYaml = "spec: {terminationGracePeriodSeconds: 5}";
        refused("podYaml", "has a parameter of its own");
    }

    @Test
    public void yamlThatIsNoPodIsRefused() {
        spec.podYaml = "spec: {tolerationz: []}";
        refused("podYaml", "a Pod has no field spec.tolerationz");
        spec.podYaml = "spec: {containers: [{name: stage, volumeMounts: [{mountPth: /x}]}]}";
        refused("podYaml", "spec.containers.volumeMounts.mountPth");
        spec.podYaml = "spec: {containers: 3}";
        refused("podYaml", "it is not a Pod");
        spec.podYaml = "a: [";
        refused("podYaml", "line");
        spec.podYaml = "- x";
        refused("podYaml", "not a mapping");
        spec.podYaml = "metadata: {name: x}";
        refused("podYaml", "metadata.name cannot be set here");
        spec.podYaml = "x: &a [1]\nspec: {y: *a}";
        refused("podYaml", "it is not YAML");
        spec.podYaml = null;
        settings.podYaml = "spec: {nope: 1}";
        assertThatThrownBy(this::prepare)
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("global configuration")
                .hasMessageContaining("spec.nope");
    }

    @Test
    public void volumesAndVariablesAreReplacedNotMixed() {
        settings.podYaml = "spec: {volumes: [{name: cache, emptyDir: {}}]}";
        spec.podYaml = "spec: {volumes: [{name: cache, configMap: {name: x}}, {name: home, $patch: delete}]}";
        prepare();

        assertThat(pod().getVolumes()).extracting("name").containsExactly("workspace", "cache");
        assertThat(pod().getVolumes().get(1).getEmptyDir()).isNull();
        assertThat(pod().getVolumes().get(1).getConfigMap().getName()).isEqualTo("x");
    }

    @Test
    public void onlyAllowedServiceAccountsAndImages() {
        spec.serviceAccount = "ephemeral";
        prepare();
        spec.serviceAccount = "testkube-agent";
        refused("serviceAccount", "service account 'testkube-agent' is not allowed here");
        settings.serviceAccounts = List.of("tf-*");
        refused("serviceAccount", "'Allowed service accounts'");
        spec.serviceAccount = "tf-dev";
        prepare();
        settings.images = List.of("registry.example.com/tools/*");
        refused("image", "image 'terraform:1.9' is not allowed");
        spec.image = "registry.example.com/tools/terraform:1.9";
        prepare();
        spec.podYaml = "spec: {initContainers: [{name: i, image: 'evil:1'}]}";
        refused("image", "image 'evil:1'");
    }

    @Test
    public void onlyAllowedHostPaths() {
        spec.volumes.add(Map.of("hostPath", "/var/cache/terraform", "mountPath", "/cache"));
        refused("volumes", "host path '/var/cache/terraform' is not allowed");
        settings.hostPaths = List.of("/var/cache");
        prepare();
        spec.podYaml = "spec: {volumes: [{name: x, hostPath: {path: /var/cache/../../etc}}]}";
        refused("volumes", "host path '/var/cache/../../etc'");
        spec.podYaml = "spec: {volumes: [{name: x, hostPath: {path: /var/cachette}}]}";
        refused("volumes", "host path '/var/cachette'");
    }

    @Test
    public void nothingThatBaselineForbids() {
        for (String yaml : List.of(
                "spec: {hostNetwork: true}",
                "spec: {hostPID: true}",
                "spec: {securityContext: {sysctls: [{name: a, value: b}]}}",
                "spec: {containers: [{name: stage, securityContext: {privileged: true}}]}",
                "spec: {containers: [{name: stage, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]}",
                "spec: {containers: [{name: stage, ports: [{containerPort: 80, hostPort: 80}]}]}",
                "spec: {initContainers: [{name: i, image: x, securityContext: {seccompProfile: {type: Unconfined}}}]}")) {
            spec.podYaml = yaml;
            settings.privileged = false;
            refused("securityContext", "'Privileged Pods'");
            settings.privileged = true;
            prepare();
        }
        spec.podYaml = "spec: {containers: [{name: stage, securityContext: {capabilities: {add: [CHOWN]}}}]}";
        settings.privileged = false;
        prepare();
    }

    @Test
    public void defaultsOfTheSettings() {
        settings.timeout = Duration.ofMinutes(7);
        settings.startupTimeout = Duration.ofMinutes(3);
        settings.ttlSecondsAfterFinished = 120;
        settings.terminationGracePeriodSeconds = 44;
        spec.timeout = null;
        spec.startupTimeout = Duration.ofMinutes(1);
        spec.ttlSecondsAfterFinished = null;
        prepare();

        assertThat(spec.timeout).isEqualTo(Duration.ofMinutes(7));
        assertThat(spec.startupTimeout).isEqualTo(Duration.ofMinutes(1));
        assertThat(spec.ttlSecondsAfterFinished).isEqualTo(120);
        assertThat(pod().getTerminationGracePeriodSeconds()).isEqualTo(44);
    }
}
