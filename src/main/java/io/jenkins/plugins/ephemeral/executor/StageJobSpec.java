package io.jenkins.plugins.ephemeral.executor;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a user asks a stage Job to be; a plain bean with the step's defaults. */
public final class StageJobSpec implements Serializable {
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

    /** Requests and limits: {@code cpu}, {@code memory}, {@code ephemeral-storage} to quantity, both set to it. */
    public Map<String, String> resources = new LinkedHashMap<>();

    /** ServiceAccount of the Pod; null for the environment's. */
    public String serviceAccount;

    /** How long it may take until the container runs. */
    public Duration startupTimeout = Duration.ofMinutes(10);

    /** How long the container may run. */
    public Duration timeout = Duration.ofHours(1);

    /** Name of the stage it depends on, or null. */
    public String after;

    /** Retries by Kubernetes; refused above 0 for apply and destroy. */
    public int backoffLimit;

    /**
     * Seconds between the signal to stop and the kill; null for the type's: 120 for plan, 600 for apply and destroy
     * (a Terraform that is killed leaves its state locked), 30 for custom.
     */
    public Integer terminationGracePeriodSeconds;

    /** Seconds after which Kubernetes removes the finished Job, if nobody did before: a net, not the mechanism. */
    public int ttlSecondsAfterFinished = 3600;

    /** {@code Always}, {@code IfNotPresent} or {@code Never}; null for Kubernetes' own rule. */
    public String imagePullPolicy;

    /** Names of Secrets with registry credentials. */
    public List<String> imagePullSecrets = new ArrayList<>();

    /** Names of Secrets whose keys become environment variables. */
    public List<String> secrets = new ArrayList<>();

    /** Names of ConfigMaps whose keys become environment variables. */
    public List<String> configMaps = new ArrayList<>();

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
