package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a Pod needs to hand outputs over to the next stage, and to take over those of the one before. The program is run
 * by a script that packs its outputs when it ended well and tells their SHA-256 by the termination message; an init
 * container checks it before the next program starts. Nobody executes anything in a running Pod, and no Pod calls Jenkins.
 */
final class HandoverPod {
    /** Init container that checks and unpacks what the stage before left. */
    static final String INPUTS = "inputs";

    /** Container that prints the packed outputs for Jenkins, where there is no volume claim. */
    static final String OUTPUTS = "outputs";

    /** By a volume claim. */
    static final String CLAIM = "claim";

    /** By a Secret that Jenkins makes. */
    static final String SECRET = "secret";

    /** File of the claim, key of the Secret. */
    static final String ARCHIVE = "outputs.tar";

    private static final String TOOLS = "tools";
    private static final String TOOLS_FOLDER = "/ephemeral/tools";
    private static final String HANDOVER_FOLDER = "/ephemeral/handover";
    private static final String INPUTS_FOLDER = "/ephemeral/inputs";

    /**
     * An image without busybox leaves the work to the tools of the stage's own image. A busybox shell that prefers its
     * applets names itself without a path: there its own program is the file. (No {@code $$}:
     * Kubernetes makes one dollar of two.)
     */
    private static final String COPY_TOOLS = "b=$(command -v busybox || true); t=" + TOOLS_FOLDER + "/busybox\n"
            + "case $b in ''|/*) ;; *) b=/proc/self/exe ;; esac\n"
            + "if [ -n \"$b\" ]; then cp \"$b\" $t; else printf '#!/bin/sh\\nexec \"$@\"\\n' >$t; fi; chmod 755 $t";

    /** Nothing that nobody will read: nodes cut logs of 10 MiB and more. */
    private static final String PRINT = "trap 'exit 0' TERM\n" + "until [ -e " + HANDOVER_FOLDER
            + "/done ]; do sleep 1 & wait $!; done\n"
            + "a=" + HANDOVER_FOLDER + '/' + ARCHIVE + "\n"
            + "if [ -e $a ] && [ $(wc -c <$a) -le " + StageHandover.MOST_ARCHIVED_BYTES + " ]; then base64 $a; fi";

    private final StageJobSpec spec;
    private final String jobName;

    HandoverPod(StageJobSpec spec, String jobName) {
        this.spec = spec;
        this.jobName = jobName;
    }

    /** Adds what is needed to a merged Pod. */
    void addTo(PodSpec pod) {
        List<Container> init = new ArrayList<>();
        if (spec.inputsFrom != null) {
            pod.getVolumes().add(inputsVolume());
            init.add(inputs());
        }
        if (spec.outputs != null) {
            pod.getVolumes().add(emptyDir(TOOLS));
            pod.getVolumes().add(outputsVolume());
            init.add(tools());
            pod.getContainers().stream()
                    .filter(container -> container.getName().equals(StageJobManifest.CONTAINER))
                    .forEach(this::wrap);
            if (SECRET.equals(spec.handover) || spec.archiveOutputs) {
                pod.getContainers().add(printer());
            }
        }
        init.addAll(pod.getInitContainers());
        pod.setInitContainers(init);
    }

    private void wrap(Container stage) {
        List<String> program = new ArrayList<>(stage.getCommand());
        program.addAll(stage.getArgs());
        stage.setCommand(List.of(TOOLS_FOLDER + "/busybox", "sh", "-c", script("outputs.sh"), "stage"));
        stage.setArgs(program);
        stage.getEnv().add(new EnvVar("EPHEMERAL_OUTPUTS", String.join("\n", files(spec.outputs)), null));
        String good = StageType.of(spec) == StageType.PLAN ? "0 2" : "0";
        stage.getEnv().add(new EnvVar("EPHEMERAL_GOOD_EXIT_CODES", good, null));
        stage.getVolumeMounts().add(mount(TOOLS, TOOLS_FOLDER, true));
        stage.getVolumeMounts().add(mount("handover", HANDOVER_FOLDER, false));
    }

    /** The patterns of a parameter. */
    static List<String> files(String outputs) {
        List<String> files = new ArrayList<>();
        for (String file : outputs.split(",")) {
            if (!file.isBlank()) {
                files.add(file.strip());
            }
        }
        return files;
    }

    private Container tools() {
        return helper(TOOLS)
                .withCommand("sh", "-c", COPY_TOOLS)
                .addToVolumeMounts(mount(TOOLS, TOOLS_FOLDER, false))
                .build();
    }

    private Container printer() {
        return helper(OUTPUTS)
                .withCommand("sh", "-c", PRINT)
                .addToVolumeMounts(mount("handover", HANDOVER_FOLDER, true))
                .build();
    }

    private Container inputs() {
        String folder = spec.workingDir == null ? StagePod.WORKSPACE : spec.workingDir;
        return helper(INPUTS)
                .withCommand("sh", "-c", script("inputs.sh"), INPUTS)
                .withArgs(INPUTS_FOLDER + '/' + ARCHIVE, spec.inputsSha256, folder)
                .addToVolumeMounts(
                        mount(INPUTS, INPUTS_FOLDER, true),
                        mount("home", StagePod.HOME, false),
                        mount("workspace", StagePod.WORKSPACE, false))
                .build();
    }

    private ContainerBuilder helper(String name) {
        return new ContainerBuilder()
                .withName(name)
                .withImage(spec.helperImage)
                .withTerminationMessagePolicy("FallbackToLogsOnError");
    }

    private Volume inputsVolume() {
        String name = spec.inputsFrom.substring(spec.inputsFrom.indexOf('/') + 1);
        return spec.inputsFrom.startsWith(CLAIM)
                ? new VolumeBuilder()
                        .withName(INPUTS)
                        .withNewPersistentVolumeClaim(name, true)
                        .build()
                : new VolumeBuilder()
                        .withName(INPUTS)
                        .withNewSecret()
                        .withSecretName(name)
                        .endSecret()
                        .build();
    }

    private Volume outputsVolume() {
        return SECRET.equals(spec.handover)
                ? emptyDir("handover")
                : new VolumeBuilder()
                        .withName("handover")
                        .withNewPersistentVolumeClaim(jobName, false)
                        .build();
    }

    private static Volume emptyDir(String name) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .endEmptyDir()
                .build();
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? Boolean.TRUE : null)
                .build();
    }

    private static String script(String name) {
        try (InputStream in = HandoverPod.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
