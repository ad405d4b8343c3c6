package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The Pod Security Standards, as Pod Security Admission applies them. Levels and controls are those of
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/ (Kubernetes 1.34, restrictions on host names in
 * probes and hooks included). Where releases differ the stricter one is taken, so that what passes here passes on all.
 */
public enum PodSecurity {
    /** No restrictions. */
    PRIVILEGED,
    /** No known way to gain privileges. */
    BASELINE,
    /** The practice of hardening Pods. */
    RESTRICTED;

    private static final Set<String> BASELINE_CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");
    private static final Set<String> SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range");
    private static final Set<String> SELINUX_TYPES = Set.of("", "container_t", "container_init_t", "container_kvm_t");
    private static final Set<String> PROFILES = Set.of("RuntimeDefault", "Localhost");
    private static final Set<String> VOLUMES = Set.of(
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");
    private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";

    /**
     * Reads the value of a {@code pod-security.kubernetes.io} label.
     *
     * @throws IllegalArgumentException if there is no such level
     */
    public static PodSecurity of(String label) {
        return valueOf(String.valueOf(label).toUpperCase(Locale.ROOT));
    }

    /** Value of the {@code pod-security.kubernetes.io} labels. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * What an API server that enforces this level would refuse a Pod for.
     *
     * @param pod a Pod as it is rendered, without the defaults that a server adds
     * @return one sentence per violation, naming the field; empty if it passes
     */
    public List<String> violations(PodTemplateSpec pod) {
        List<String> found = new ArrayList<>();
        if (this != PRIVILEGED) {
            List<SecuredContainer> containers = SecuredContainer.all(pod.getSpec());
            baselineOfPod(pod.getMetadata(), pod.getSpec(), found);
            containers.forEach(container -> baselineOfContainer(container, found));
            if (this == RESTRICTED) {
                restrictedPod(pod.getSpec(), found);
                containers.forEach(container -> restrictedContainer(pod.getSpec(), container, found));
            }
        }
        return found;
    }

    private static void baselineOfPod(ObjectMeta meta, PodSpec spec, List<String> found) {
        refuse(found, isTrue(spec.getHostNetwork()), "hostNetwork is set");
        refuse(found, isTrue(spec.getHostPID()), "hostPID is set");
        refuse(found, isTrue(spec.getHostIPC()), "hostIPC is set");
        for (Volume volume : spec.getVolumes()) {
            refuse(found, volume.getHostPath() != null, "volume " + volume.getName() + " is a hostPath");
        }
        PodSecurityContext context = spec.getSecurityContext();
        if (context != null) {
            for (Sysctl sysctl : context.getSysctls()) {
                refuse(found, !SYSCTLS.contains(sysctl.getName()), "sysctl " + sysctl.getName());
            }
            refuse(
                    found,
                    context.getWindowsOptions() != null
                            && isTrue(context.getWindowsOptions().getHostProcess()),
                    "hostProcess is set");
            seLinux("the Pod", context.getSeLinuxOptions(), found);
            String seccomp = context.getSeccompProfile() == null
                    ? null
                    : context.getSeccompProfile().getType();
            profile("the Pod", "seccompProfile", seccomp, found);
            String appArmor = context.getAppArmorProfile() == null
                    ? null
                    : context.getAppArmorProfile().getType();
            profile("the Pod", "appArmorProfile", appArmor, found);
        }
        Map<String, String> annotations =
                meta == null || meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
        annotations.forEach((key, value) -> refuse(
                found,
                key.startsWith(APP_ARMOR) && !value.equals("runtime/default") && !value.startsWith("localhost/"),
                "annotation " + key + " is " + value));
    }

    private static void baselineOfContainer(SecuredContainer container, List<String> found) {
        String who = container.name();
        container.hostPorts().forEach(port -> refuse(found, port != 0, who + " has hostPort " + port));
        container.hookHosts().forEach(host -> refuse(found, true, who + " has a probe or hook of host " + host));
        SecurityContext context = container.context();
        if (context == null) {
            return;
        }
        refuse(found, isTrue(context.getPrivileged()), who + " is privileged");
        refuse(
                found,
                context.getWindowsOptions() != null
                        && isTrue(context.getWindowsOptions().getHostProcess()),
                who + " has hostProcess");
        for (String capability : added(context.getCapabilities())) {
            refuse(found, !BASELINE_CAPABILITIES.contains(capability), who + " adds capability " + capability);
        }
        String mount = context.getProcMount();
        refuse(found, mount != null && !mount.equals("Default"), who + " has procMount " + mount);
        seLinux(who, context.getSeLinuxOptions(), found);
        profile(who, "seccompProfile", seccomp(context), found);
        profile(
                who,
                "appArmorProfile",
                context.getAppArmorProfile() == null
                        ? null
                        : context.getAppArmorProfile().getType(),
                found);
    }

    private static void restrictedPod(PodSpec spec, List<String> found) {
        for (Volume volume : spec.getVolumes()) {
            Set<String> kinds = new TreeSet<>(
                    Serialization.jsonMapper().convertValue(volume, Map.class).keySet());
            kinds.remove("name");
            kinds.removeAll(VOLUMES);
            refuse(found, !kinds.isEmpty(), "volume " + volume.getName() + " is of type " + kinds);
        }
        PodSecurityContext context = spec.getSecurityContext();
        if (context != null) {
            refuse(found, Boolean.FALSE.equals(context.getRunAsNonRoot()), "the Pod has runAsNonRoot false");
            refuse(found, isRoot(context.getRunAsUser()), "the Pod has runAsUser 0");
        }
    }

    private static void restrictedContainer(PodSpec spec, SecuredContainer container, List<String> found) {
        String who = container.name();
        PodSecurityContext pod =
                spec.getSecurityContext() == null ? new PodSecurityContext() : spec.getSecurityContext();
        SecurityContext context = container.context() == null ? new SecurityContext() : container.context();
        boolean nonRoot = context.getRunAsNonRoot() == null ? isTrue(pod.getRunAsNonRoot()) : context.getRunAsNonRoot();
        refuse(found, !nonRoot, who + " lacks runAsNonRoot true");
        refuse(found, isRoot(context.getRunAsUser()), who + " has runAsUser 0");
        if (spec.getOs() != null && "windows".equals(spec.getOs().getName())) {
            return; // the rest is about Linux
        }
        refuse(
                found,
                !Boolean.FALSE.equals(context.getAllowPrivilegeEscalation()),
                who + " lacks allowPrivilegeEscalation false");
        boolean profile = seccomp(context) != null || pod.getSeccompProfile() != null;
        refuse(found, !profile, who + " lacks a seccompProfile");
        Capabilities capabilities = context.getCapabilities();
        refuse(found, capabilities == null || !capabilities.getDrop().contains("ALL"), who + " does not drop ALL");
        for (String capability : added(capabilities)) {
            refuse(found, !capability.equals("NET_BIND_SERVICE"), who + " adds capability " + capability);
        }
    }

    private static void seLinux(String who, SELinuxOptions options, List<String> found) {
        if (options != null) {
            String type = String.valueOf(options.getType() == null ? "" : options.getType());
            refuse(found, !SELINUX_TYPES.contains(type), who + " has SELinux type " + type);
            refuse(found, present(options.getUser()), who + " has SELinux user " + options.getUser());
            refuse(found, present(options.getRole()), who + " has SELinux role " + options.getRole());
        }
    }

    private static void profile(String who, String kind, String type, List<String> found) {
        refuse(found, type != null && !PROFILES.contains(type), who + " has " + kind + ' ' + type);
    }

    private static String seccomp(SecurityContext context) {
        return context.getSeccompProfile() == null
                ? null
                : context.getSeccompProfile().getType();
    }

    private static List<String> added(Capabilities capabilities) {
        return capabilities == null ? List.of() : capabilities.getAdd();
    }

    private static boolean isRoot(Long user) {
        return user != null && user == 0;
    }

    private static boolean isTrue(Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private static boolean present(String value) {
        return value != null && !value.isEmpty();
    }

    private static void refuse(List<String> found, boolean wrong, String sentence) {
        if (wrong && !found.contains(sentence)) {
            found.add(sentence);
        }
    }
}
