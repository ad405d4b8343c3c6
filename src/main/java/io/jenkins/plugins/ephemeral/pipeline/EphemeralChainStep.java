package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
import org.kohsuke.stapler.DataBoundSetter;

/**
 * The parameters of {@code ephemeralJob} that are about its Job and its place among the others: what it comes after, what
 * it hands on, what it locks, how it is repeated, stopped and removed.
 */
public abstract class EphemeralChainStep extends EphemeralPodStep {
    private String after;
    private String outputs;
    private boolean archiveOutputs;
    private String handover;
    private String lock;
    private String commit;
    private int backoffLimit;
    private Integer terminationGracePeriodSeconds;
    private Integer ttlSecondsAfterFinished;

    @CheckForNull
    public String getAfter() {
        return after;
    }

    @DataBoundSetter
    public void setAfter(String after) {
        this.after = StepValues.fixEmpty(after);
    }

    @CheckForNull
    public String getOutputs() {
        return outputs;
    }

    @DataBoundSetter
    public void setOutputs(String outputs) {
        this.outputs = StepValues.fixEmpty(outputs);
    }

    public boolean isArchiveOutputs() {
        return archiveOutputs;
    }

    @DataBoundSetter
    public void setArchiveOutputs(boolean archiveOutputs) {
        this.archiveOutputs = archiveOutputs;
    }

    @CheckForNull
    public String getHandover() {
        return handover;
    }

    @DataBoundSetter
    public void setHandover(String handover) {
        this.handover = StepValues.fixEmpty(handover);
    }

    @CheckForNull
    public String getLock() {
        return lock;
    }

    @DataBoundSetter
    public void setLock(String lock) {
        this.lock = StepValues.fixEmpty(lock);
    }

    @CheckForNull
    public String getCommit() {
        return commit;
    }

    @DataBoundSetter
    public void setCommit(String commit) {
        this.commit = StepValues.fixEmpty(commit);
    }

    public int getBackoffLimit() {
        return backoffLimit;
    }

    @DataBoundSetter
    public void setBackoffLimit(int backoffLimit) {
        this.backoffLimit = backoffLimit;
    }

    @CheckForNull
    public Integer getTerminationGracePeriodSeconds() {
        return terminationGracePeriodSeconds;
    }

    @DataBoundSetter
    public void setTerminationGracePeriodSeconds(Integer terminationGracePeriodSeconds) {
        this.terminationGracePeriodSeconds = terminationGracePeriodSeconds;
    }

    @CheckForNull
    public Integer getTtlSecondsAfterFinished() {
        return ttlSecondsAfterFinished;
    }

    @DataBoundSetter
    public void setTtlSecondsAfterFinished(Integer ttlSecondsAfterFinished) {
        this.ttlSecondsAfterFinished = ttlSecondsAfterFinished;
    }

    /** Writes these parameters into a spec. */
    void describeChain(StageJobSpec spec) {
        spec.after = after;
        spec.outputs = outputs;
        spec.archiveOutputs = archiveOutputs;
        spec.handover = handover;
        spec.lock = lock;
        spec.commit = commit;
        spec.backoffLimit = backoffLimit;
        spec.terminationGracePeriodSeconds = terminationGracePeriodSeconds;
        spec.ttlSecondsAfterFinished = ttlSecondsAfterFinished;
    }
}
