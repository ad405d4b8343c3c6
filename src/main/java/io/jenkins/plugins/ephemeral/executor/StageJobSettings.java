package io.jenkins.plugins.ephemeral.executor;

import java.time.Duration;
import java.util.List;

/**
 * What an administrator sets for all stage Jobs: defaults of what a step leaves out, and what steps may ask for. A plain
 * bean; read anew for each stage.
 */
public final class StageJobSettings {
    /** Image of the containers that pack and unpack outputs, unless another one is set; its busybox is static. */
    public static final String HELPER_IMAGE = "busybox:1.37.0-musl";

    /** Size of a volume claim for outputs, unless another one is set. */
    public static final String HANDOVER_SIZE = "1Gi";

    /** YAML of a Pod, merged over the safe template before what the step asks for; null for none. */
    public String podYaml;

    /** How long it may take until the container runs, if the step does not say. */
    public Duration startupTimeout = Duration.ofMinutes(10);

    /** How long the container may run, if the step does not say. */
    public Duration timeout = Duration.ofHours(1);

    /** Seconds after which Kubernetes removes a finished Job, if the step does not say. */
    public int ttlSecondsAfterFinished = 3600;

    /** Seconds between signal and kill, if the step does not say; null for the type's. */
    public Integer terminationGracePeriodSeconds;

    /** Service accounts that a step may name, besides the environment's own; {@code *} stands for any text. */
    public List<String> serviceAccounts = List.of();

    /** Images that a Pod may have; {@code *} stands for any text. */
    public List<String> images = List.of("*");

    /** Folders of nodes that a Pod may mount, with what is below them. */
    public List<String> hostPaths = List.of();

    /** Whether a Pod may ask for what the Pod Security level {@code baseline} forbids, host paths aside. */
    public boolean privileged;

    /** Image of the containers that pack and unpack outputs; always allowed. */
    public String helperImage = HELPER_IMAGE;

    /** Size of a volume claim for outputs. */
    public String handoverSize = HANDOVER_SIZE;
}
