package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.outside.SavedParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a user asks a stage Job to be; a plain bean with the step's defaults. */
public final class StageJobSpec extends SavedParameters {
    private static final long serialVersionUID = 1L;

    /** Name of the stage, unique in the build. */
    public String name;

    /** {@code plan}, {@code apply}, {@code destroy} or {@code custom}. */
    public String type = "custom";

    /** Image of the container. */
    public String image;

    /** Entry point; empty for the image's. */
    public List<String> command = new ArrayList<>();

    /** Arguments. */
    public List<String> args = new ArrayList<>();

    /** Environment variables; Kubernetes expands {@code $(NAME)} of variables before it in the map. */
    public Map<String, String> env = new LinkedHashMap<>();

    /** Payload of the Terrakube model, or null: JSON text that the container gets as {@code EphemeralJobData}. */
    public String payload;

    /** Prefix of a resource of which only the request is meant. */
    static final String REQUESTS = "requests.";

    /** Prefix of a resource of which only the limit is meant. */
    static final String LIMITS = "limits.";

    /**
     * Requests and limits: {@code cpu}, {@code memory}, {@code ephemeral-storage} or an extended resource to quantity:
     * both are set to it, or one of them with {@code requests.} or {@code limits.} before the name.
     */
    public Map<String, String> resources = new LinkedHashMap<>();

    /** Whether the payload is mounted as a file, named by {@code EPHEMERAL_PAYLOAD_FILE}, and not in the environment. */
    public boolean payloadAsFile;

    /** ServiceAccount of the Pod; null for the environment's. */
    public String serviceAccount;

    /** Whether the ServiceAccount's token is mounted. */
    public boolean automountServiceAccountToken;

    /** How long it may take until the container runs; null for the settings'. */
    public Duration startupTimeout = Duration.ofMinutes(10);

    /** How long the container may run; null for the settings'. */
    public Duration timeout = Duration.ofHours(1);

    /** Name of the stage it depends on, {@code none} for none; must be said by apply and destroy. */
    public String after;

    /** Files that are handed over to the stages after it, relative to the working directory, by commas; or null. */
    public String outputs;

    /** How they are kept: {@code claim}, {@code secret}, or null to decide by what the cluster has. */
    public String handover;

    /** Whether a copy of the outputs is kept with the build. */
    public boolean archiveOutputs;

    /** Where the outputs of the stage before are, {@code claim/NAME} or {@code secret/NAME}; null for none. */
    public String inputsFrom;

    /** SHA-256 of the packed outputs of the stage before. */
    public String inputsSha256;

    /** Image of the containers that pack and unpack. */
    public String helperImage = StageJobSettings.HELPER_IMAGE;

    /** Size of a claim for outputs. */
    public String handoverSize = StageJobSettings.HANDOVER_SIZE;

    /** Name of a lock that one stage at a time may hold, in any build of this controller; or null. */
    public String lock;

    /** Commit that it is about, handed on to the stages after it; or null. */
    public String commit;

    /** Retries by Kubernetes; refused above 0 for apply and destroy. */
    public int backoffLimit;

    /**
     * Seconds between the signal to stop and the kill; null for the type's: 120 for plan, 600 for apply and destroy
     * (a Terraform that is killed leaves its state locked), 30 for custom.
     */
    public Integer terminationGracePeriodSeconds;

    /** Seconds after which Kubernetes removes the finished Job, if nobody did before: a net; null for the settings'. */
    public Integer ttlSecondsAfterFinished = 3600;

    /** {@code Always}, {@code IfNotPresent} or {@code Never}; null for Kubernetes' own rule. */
    public String imagePullPolicy;

    /** Names of Secrets with registry credentials. */
    public List<String> imagePullSecrets = new ArrayList<>();

    /** Names of Secrets whose keys become environment variables. */
    public List<String> secrets = new ArrayList<>();

    /** Names of ConfigMaps whose keys become environment variables. */
    public List<String> configMaps = new ArrayList<>();

    /**
     * More sources of environment variables: maps with {@code secret} or {@code configMap} (a name), {@code prefix},
     * {@code optional}.
     */
    public List<Map<String, String>> envFrom = new ArrayList<>();

    /**
     * More volumes: maps with one of {@code secret}, {@code configMap}, {@code claim} (a name), {@code emptyDir} (a size
     * limit or empty), {@code hostPath} (a folder of the node), and with {@code mountPath}, {@code subPath}, {@code
     * readOnly}.
     */
    public List<Map<String, String>> volumes = new ArrayList<>();

    /** Working directory; null for a folder of its own that is empty and may be written to. */
    public String workingDir;

    /** Of the Pod: {@code runAsUser}, {@code runAsGroup}, {@code fsGroup}, {@code runAsNonRoot}, {@code fsGroupChangePolicy}. */
    public Map<String, String> podSecurityContext = new LinkedHashMap<>();

    /**
     * Of the container: {@code runAsUser}, {@code runAsGroup}, {@code runAsNonRoot}, {@code allowPrivilegeEscalation},
     * {@code readOnlyRootFilesystem}, {@code privileged}.
     */
    public Map<String, String> securityContext = new LinkedHashMap<>();

    /** YAML of a Pod that is merged over all of this; null for none. */
    public String podYaml;

    /** The administrator's YAML, merged before the parameters; null for none. Taken from the settings once. */
    public String defaultPodYaml;

    /** Labels that a node must have. */
    public Map<String, String> nodeSelector = new LinkedHashMap<>();

    /**
     * Tolerations: maps with {@code key}, {@code operator} ({@code Exists} or {@code Equal}), {@code value}, {@code
     * effect} ({@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}), {@code tolerationSeconds}.
     */
    public List<Map<String, String>> tolerations = new ArrayList<>();

    /** More labels for Job and Pod; ours win. */
    public Map<String, String> labels = new LinkedHashMap<>();

    /** More annotations for the Job; ours win. */
    public Map<String, String> annotations = new LinkedHashMap<>();

    /** Annotations for the Pod, as injectors and workload identity want them. */
    public Map<String, String> podAnnotations = new LinkedHashMap<>();
}
