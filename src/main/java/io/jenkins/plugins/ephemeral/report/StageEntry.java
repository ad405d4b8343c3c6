package io.jenkins.plugins.ephemeral.report;

import java.time.Instant;

/** One stage Job of a build. */
public final class StageEntry {
    /** Name given in the step: the key of this entry. */
    public String name;

    /** Id of the step in the graph of the build, to which the name belongs; null in reports of earlier versions. */
    public String flowNode;

    /** {@code plan}, {@code apply}, {@code destroy} or {@code custom}. */
    public String type;

    /** Verdict. */
    public Verdict verdict;

    /** Outcome in the executor's own words, such as {@code CHANGES} or {@code OOM_KILLED}. */
    public String outcome;

    /** One sentence: why, and what to do. Null when there is nothing to say. */
    public String reason;

    /** Exit code of the container; null if there was none. */
    public Integer exitCode;

    /** Name of the environment. */
    public String environment;

    /** Name of the cluster. */
    public String cluster;

    /** Namespace of the Job. */
    public String namespace;

    /** Name of the Job. */
    public String jobName;

    /** Image of the container. */
    public String image;

    /** Digest of the image that ran, {@code sha256:...}; null if the node did not say. */
    public String imageDigest;

    /** Commit that the stage was about; null if nobody said. */
    public String commit;

    /** Files that it was to hand over, as the step names them; null for none. */
    public String outputs;

    /** SHA-256 of these files, packed; null if they were not handed over. */
    public String outputsSha256;

    /** Where they are kept in the namespace: {@code claim/NAME} or {@code secret/NAME}; null for nowhere. */
    public String handover;

    /** When the Job was created. */
    public Instant createdAt;

    /** When its container ran; null if never. */
    public Instant startedAt;

    /** When it was over; null while it runs. */
    public Instant finishedAt;

    /** The log's last lines, at most 200 and 64 KiB; the whole log is in the build's console. */
    public String logTail;

    /** What a Terrakube control plane knows of it; null for a stage Job of our own. */
    public TerrakubeEntry terrakube;

    /** How many lines the log had. */
    public long logLines;
}
