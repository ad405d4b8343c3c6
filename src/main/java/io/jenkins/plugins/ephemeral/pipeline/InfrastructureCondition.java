package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.workflow.flow.ErrorCondition;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.kohsuke.stapler.DataBoundConstructor;

/**
 * {@code retry(count: 2, conditions: [ephemeralInfrastructure()])}: run a stage again that the infrastructure took away
 * (eviction, preemption, drained or lost node). Never after a program's own failure, and never an apply or a destroy:
 * nobody knows how far it came.
 */
public final class InfrastructureCondition extends ErrorCondition {
    private static final long serialVersionUID = 1L;

    /** No parameters. */
    @DataBoundConstructor
    public InfrastructureCondition() {}

    @Override
    public boolean test(@NonNull Throwable t, StepContext context) {
        for (Throwable cause = t; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
            if (cause instanceof StageJobFailure) {
                return ((StageJobFailure) cause).mayBeRepeated();
            }
        }
        return false;
    }

    /** Descriptor. */
    @Extension
    @Symbol("ephemeralInfrastructure")
    public static final class DescriptorImpl extends ErrorConditionDescriptor {
        @NonNull
        @Override
        public String getDisplayName() {
            return "A stage Job was lost by its infrastructure";
        }
    }
}
