package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Holds a stage's finished Pod against what the administrator allows, wherever in the step something came from. */
final class PodPolicy {
    /** What the Pod Security level baseline lets containers add. Source: Kubernetes 1.31, Pod Security Standards. */
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

    private final StageJobSettings settings;
    private final String stage;

    /**
     * @param settings what is allowed
     * @param stage name of the stage, for messages
     */
    PodPolicy(StageJobSettings settings, String stage) {
        this.settings = settings;
        this.stage = stage;
    }

    /**
     * Checks a Pod.
     *
     * @param pod the Pod as it would be created
     * @param ownServiceAccount the environment's own service account, which is always allowed
     * @throws UserFault for the first thing that is not allowed, naming the setting that would allow it
     */
    void check(PodSpec pod, String ownServiceAccount) {
        String account = pod.getServiceAccountName();
        if (account != null && !account.equals(ownServiceAccount) && !matches(settings.serviceAccounts, account)) {
            throw refused("serviceAccount", "service account '" + account + "'", "Allowed service accounts");
        }
        for (Container container : containers(pod)) {
            String image = container.getImage() == null ? "" : container.getImage();
            if (!image.equals(settings.helperImage) && !matches(settings.images, image)) {
                throw refused("image", "image '" + image + "'", "Allowed images");
            }
        }
        for (Volume volume : pod.getVolumes()) {
            if (volume.getHostPath() != null && !isBelow(volume.getHostPath().getPath())) {
                throw refused("volumes", "host path '" + volume.getHostPath().getPath() + "'", "Allowed host paths");
            }
        }
        if (!settings.privileged) {
            pod(pod);
            containers(pod).forEach(this::container);
        }
    }

    private void pod(PodSpec pod) {
        forbid(Boolean.TRUE.equals(pod.getHostNetwork()), "hostNetwork");
        forbid(Boolean.TRUE.equals(pod.getHostPID()), "hostPID");
        forbid(Boolean.TRUE.equals(pod.getHostIPC()), "hostIPC");
        if (pod.getSecurityContext() != null) {
            forbid(!pod.getSecurityContext().getSysctls().isEmpty(), "sysctls");
            seccomp(pod.getSecurityContext().getSeccompProfile());
        }
    }

    private void container(Container container) {
        forbid(
                container.getPorts().stream().anyMatch(p -> p.getHostPort() != null && p.getHostPort() != 0),
                "hostPort");
        SecurityContext context = container.getSecurityContext();
        if (context == null) {
            return;
        }
        forbid(Boolean.TRUE.equals(context.getPrivileged()), "privileged");
        forbid(context.getProcMount() != null && !context.getProcMount().equals("Default"), "procMount");
        seccomp(context.getSeccompProfile());
        Capabilities capabilities = context.getCapabilities();
        if (capabilities != null) {
            for (String added : capabilities.getAdd()) {
                forbid(!BASELINE_CAPABILITIES.contains(added), "capability " + added);
            }
        }
    }

    private void seccomp(SeccompProfile profile) {
        forbid(profile != null && "Unconfined".equals(profile.getType()), "seccompProfile Unconfined");
    }

    private void forbid(boolean wanted, String what) {
        if (wanted) {
            throw refused("securityContext", what, "Privileged Pods");
        }
    }

    private boolean isBelow(String hostPath) {
        Path path = Path.of(hostPath).normalize();
        return path.isAbsolute()
                && settings.hostPaths.stream().anyMatch(allowed -> path.startsWith(Path.of(allowed.trim())));
    }

    private static List<Container> containers(PodSpec pod) {
        List<Container> all = new ArrayList<>(pod.getInitContainers());
        all.addAll(pod.getContainers());
        return all;
    }

    /** Whether one of the patterns matches the whole text. */
    static boolean matches(List<String> patterns, String text) {
        return patterns.stream().anyMatch(pattern -> Pattern.compile(
                        List.of(pattern.trim().split("\\*", -1)).stream()
                                .map(Pattern::quote)
                                .collect(Collectors.joining(".*")),
                        Pattern.DOTALL)
                .matcher(text)
                .matches());
    }

    private UserFault refused(String parameter, String what, String setting) {
        return new UserFault(
                "reading ephemeralJob '" + stage + "'",
                "parameter " + parameter + " or podYaml",
                what + " is not allowed here",
                "An administrator allows it with '" + setting
                        + "' in the global configuration of Ephemeral Environments.");
    }
}
