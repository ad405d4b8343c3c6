package io.jenkins.plugins.ephemeral.workflow;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** How far a step with workflow runs has come; persisted with the step, a few hundred bytes. */
public final class WorkflowRunState implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Absolute deadline, milliseconds since the epoch; 0 until begun. */
    public long deadlineMillis;

    /** The runs, in the order in which they were or will be started. */
    public List<Run> runs = new ArrayList<>();

    /** Whether {@link #runs} has been filled: names are decided. */
    public boolean resolved;

    /** Whether a workflow did not pass where the others shall not go on then. */
    public boolean failedFast;

    /** One run. */
    public static final class Run implements Serializable {
        private static final long serialVersionUID = 1L;

        /** Name of the workflow, as the report calls it. */
        public String workflow;

        /** Its name in the control plane where it is a variant of the environment's own; null: the same. */
        public String variant;

        /** Whether a trigger starts it, and it is only waited for. */
        public boolean triggered;

        /** Tag value that finds the execution again when the answer to its start was lost. */
        public String tag;

        /** Whether its start was asked for: from then on it is looked for before it is asked for again. */
        public boolean requested;

        /** When its start by a resource was asked for, milliseconds since the epoch; 0 if it was not. */
        public long requestedMillis;

        /** How often its start was asked for without an answer that settles whether it began. */
        public int unanswered;

        /** A triggered one was asked for after this, by the control plane's clock; milliseconds since the epoch. */
        public long afterMillis;

        /** Id of the execution; null until it is known. */
        public String executionId;

        /** Sequence number of the last notification that was printed; resuming point. */
        public long logPosition;

        /** How many steps' ends were printed. */
        public int stepsSaid;

        /** How often it was run again. */
        public int retried;

        /** Why it was not run, a sentence; null if it was or will be. */
        public String skipped;

        /** Whether everything was collected: logs, artifacts, JUnit. */
        public boolean collected;

        /** Its name in the control plane. */
        String definition() {
            return variant == null ? workflow : variant;
        }
    }
}
