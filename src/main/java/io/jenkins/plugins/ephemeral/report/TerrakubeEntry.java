package io.jenkins.plugins.ephemeral.report;

import java.util.ArrayList;
import java.util.List;

/** A stage that a Terrakube control plane ran: its job there, what it would change or changed, and its outputs. */
public final class TerrakubeEntry {
    /** Name of the control plane in the Jenkins configuration. */
    public String controlPlane;

    /** Name of the workspace. */
    public String workspace;

    /** UUID of the organization. */
    public String organizationId;

    /** UUID of the workspace. */
    public String workspaceId;

    /** Number of the job. */
    public int jobId;

    /** The job's status when the stage was over, in Terrakube's words. */
    public String status;

    /** Page of the job for people, or null. */
    public String link;

    /** Commit that the job pinned, or null. */
    public String commitId;

    /** UUID of the step that waits for an approval; null if none does. */
    public String waitingStepId;

    /** Team that decides, or null. */
    public String approvalTeam;

    /** Where in the job's log this stage ended, for the one that goes on; null if nothing was streamed. */
    public String logPosition;

    /** What was planned or done, at most 500 resources. */
    public List<Change> changes = new ArrayList<>();

    /** How many resources are created, or would be; replaced ones count here and as deleted. */
    public int created;

    /** How many resources are changed, or would be. */
    public int updated;

    /** How many resources are deleted, or would be. */
    public int deleted;

    /** Outputs of the applied configuration; sensitive ones without their value. */
    public List<Output> outputs = new ArrayList<>();

    /** One resource. */
    public static final class Change {
        /** Its address. */
        public String address;

        /** {@code create}, {@code update}, {@code delete}, {@code replace}, {@code read} or {@code import}. */
        public String action;

        /** How far it came; null in a plan. */
        public String status;

        /** Its first error, or null. */
        public String error;
    }

    /** One output. */
    public static final class Output {
        /** Its name. */
        public String name;

        /** As text; null if it is sensitive. */
        public String value;

        /** Whether it is. */
        public boolean sensitive;
    }
}
