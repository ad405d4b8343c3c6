package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.Test;

/** Each control of the Pod Security Standards, violated one at a time. */
public class PodSecurityTest {
    private static final String HARDENED = "runAsNonRoot: true, allowPrivilegeEscalation: false,"
            + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}";

    @Test
    public void levelsAreReadAsTheirLabelsAreWritten() {
        for (PodSecurity level : PodSecurity.values()) {
            assertThat(PodSecurity.of(level.label())).isEqualTo(level);
        }
        assertThatThrownBy(() -> PodSecurity.of("strict")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PodSecurity.of(null)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    public void aHardenedPodPassesAll() {
        PodTemplateSpec pod = container(HARDENED);
        for (PodSecurity level : PodSecurity.values()) {
            assertThat(level.violations(pod)).isEmpty();
        }
    }

    @Test
    public void aPlainPodPassesBaselineOnly() {
        PodTemplateSpec pod = container("");
        assertThat(PodSecurity.BASELINE.violations(pod)).isEmpty();
        assertThat(PodSecurity.RESTRICTED.violations(pod))
                .containsExactly(
                        "container main lacks runAsNonRoot true",
                        "container main lacks allowPrivilegeEscalation false",
                        "container main lacks a seccompProfile",
                        "container main does not drop ALL");
    }

    @Test
    public void whatBaselineRefusesInAPod() {
        baseline("hostNetwork: true", "hostNetwork is set");
        baseline("hostPID: true", "hostPID is set");
        baseline("hostIPC: true", "hostIPC is set");
        baseline("volumes: [{name: v, hostPath: {path: /}}]", "volume v is a hostPath");
        baseline("securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}", "sysctl kernel.msgmax");
        baseline("securityContext: {windowsOptions: {hostProcess: true}}", "hostProcess is set");
        baseline("securityContext: {seLinuxOptions: {type: spc_t}}", "the Pod has SELinux type spc_t");
        baseline("securityContext: {seLinuxOptions: {user: u}}", "the Pod has SELinux user u");
        baseline("securityContext: {seLinuxOptions: {role: r}}", "the Pod has SELinux role r");
        baseline("securityContext: {seccompProfile: {type: Unconfined}}", "the Pod has seccompProfile Unconfined");
        baseline("securityContext: {appArmorProfile: {type: Unconfined}}", "the Pod has appArmorProfile Unconfined");
    }

    @Test
    public void whatBaselineAllowsInAPod() {
        for (String allowed : List.of(
                "hostNetwork: false",
                "securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}",
                "securityContext: {seLinuxOptions: {type: container_t, level: 's0:c1'}}",
                "securityContext: {seccompProfile: {type: Localhost, localhostProfile: a}}",
                "volumes: [{name: v, nfs: {server: a, path: /}}]")) {
            assertThat(PodSecurity.BASELINE.violations(pod("", allowed, "")))
                    .as(allowed)
                    .isEmpty();
        }
    }

    @Test
    public void whatBaselineRefusesInAContainerOfAnyKind() {
        refused("privileged: true", "is privileged");
        refused("capabilities: {add: [NET_RAW]}", "adds capability NET_RAW");
        refused("procMount: Unmasked", "has procMount Unmasked");
        refused("windowsOptions: {hostProcess: true}", "has hostProcess");
        refused("seLinuxOptions: {type: spc_t}", "has SELinux type spc_t");
        refused("seccompProfile: {type: Unconfined}", "has seccompProfile Unconfined");
        refused("appArmorProfile: {type: Unconfined}", "has appArmorProfile Unconfined");
    }

    @Test
    public void hostPortsProbesAndHooks() {
        assertThat(baselineOfMain("ports: [{containerPort: 80, hostPort: 8080}]"))
                .containsExactly("container main has hostPort 8080");
        assertThat(baselineOfMain("ports: [{containerPort: 80, hostPort: 0}]")).isEmpty();
        for (String kind : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            assertThat(baselineOfMain(kind + ": {httpGet: {host: 10.0.0.1, port: 80}}"))
                    .containsExactly("container main has a probe or hook of host 10.0.0.1");
            assertThat(baselineOfMain(kind + ": {tcpSocket: {port: 80}}")).isEmpty();
        }
        assertThat(baselineOfMain("lifecycle: {preStop: {tcpSocket: {host: 10.0.0.2, port: 80}}}"))
                .containsExactly("container main has a probe or hook of host 10.0.0.2");
    }

    @Test
    public void anAppArmorAnnotation() {
        String key = "container.apparmor.security.beta.kubernetes.io/main";
        assertThat(PodSecurity.BASELINE.violations(pod("annotations: {" + key + ": unconfined}", "", "")))
                .containsExactly("annotation " + key + " is unconfined");
        for (String profile : List.of("runtime/default", "localhost/mine")) {
            assertThat(PodSecurity.BASELINE.violations(pod("annotations: {" + key + ": " + profile + "}", "", "")))
                    .isEmpty();
        }
    }

    @Test
    public void whatRestrictedRefusesBesides() {
        restricted("volumes: [{name: v, nfs: {server: a, path: /}}]", HARDENED, "volume v is of type [nfs]");
        restricted("securityContext: {runAsUser: 0}", HARDENED, "the Pod has runAsUser 0");
        restricted("securityContext: {runAsNonRoot: false}", HARDENED, "the Pod has runAsNonRoot false");
        restricted("", HARDENED + ", runAsUser: 0", "container main has runAsUser 0");
        restricted("", HARDENED.replace("[ALL]", "[ALL], add: [CHOWN]"), "container main adds capability CHOWN");
        restricted("", HARDENED.replace("[ALL]", "[NET_RAW]"), "container main does not drop ALL");
        restricted(
                "securityContext: {runAsNonRoot: true}",
                HARDENED.replace("runAsNonRoot: true", "runAsNonRoot: false"),
                "container main lacks runAsNonRoot true");
        restricted(
                "",
                HARDENED.replace("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
                "container main lacks allowPrivilegeEscalation false");
    }

    @Test
    public void whatThePodSaysNeedNotBeSaidByItsContainers() {
        PodTemplateSpec pod = pod(
                "",
                "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}},"
                        + " volumes: [{name: a, emptyDir: {}}, {name: b, secret: {secretName: s}},"
                        + " {name: c, persistentVolumeClaim: {claimName: c}}, {name: d, projected: {}}]",
                "securityContext: {allowPrivilegeEscalation: false,"
                        + " capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}");
        assertThat(PodSecurity.RESTRICTED.violations(pod)).isEmpty();
    }

    @Test
    public void onWindowsThereAreNoCapabilitiesToDrop() {
        PodTemplateSpec pod = pod("", "os: {name: windows}", "securityContext: {runAsNonRoot: true}");
        assertThat(PodSecurity.RESTRICTED.violations(pod)).isEmpty();
    }

    private static void baseline(String spec, String sentence) {
        assertThat(PodSecurity.BASELINE.violations(pod("", spec, ""))).containsExactly(sentence);
        assertThat(PodSecurity.PRIVILEGED.violations(pod("", spec, ""))).isEmpty();
        assertThat(PodSecurity.RESTRICTED.violations(pod("", spec, ""))).contains(sentence);
    }

    private static void refused(String context, String sentence) {
        assertThat(PodSecurity.BASELINE.violations(container(context))).containsExactly("container main " + sentence);
        for (String kind : List.of("initContainers", "ephemeralContainers")) {
            PodTemplateSpec pod = pod("", kind + ": [{name: other, image: a, securityContext: {" + context + "}}]", "");
            assertThat(PodSecurity.BASELINE.violations(pod)).containsExactly("container other " + sentence);
        }
    }

    private static List<String> baselineOfMain(String fields) {
        return PodSecurity.BASELINE.violations(pod("", "", fields));
    }

    private static void restricted(String spec, String context, String sentence) {
        PodTemplateSpec pod = pod("", spec, "securityContext: {" + context + "}");
        assertThat(PodSecurity.BASELINE.violations(pod)).isEmpty();
        assertThat(PodSecurity.RESTRICTED.violations(pod)).containsExactly(sentence);
    }

    private static PodTemplateSpec container(String context) {
        return pod("", "", "securityContext: {" + context + "}");
    }

    private static PodTemplateSpec pod(String meta, String spec, String container) {
        String main = "{name: main, image: a" + (container.isEmpty() ? "" : ", " + container) + "}";
        return Serialization.unmarshal(
                "metadata: {" + meta + "}\nspec: {containers: [" + main + "]" + (spec.isEmpty() ? "" : ", " + spec)
                        + "}",
                PodTemplateSpec.class);
    }
}
