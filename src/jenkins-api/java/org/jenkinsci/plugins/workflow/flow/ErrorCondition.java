package org.jenkinsci.plugins.workflow.flow;

import hudson.ExtensionPoint;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import java.io.IOException;
import java.io.Serializable;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** Stand-in: tells errors apart, for {@code retry}. */
public abstract class ErrorCondition extends AbstractDescribableImpl<ErrorCondition>
        implements ExtensionPoint, Serializable {
    public abstract boolean test(Throwable t, StepContext context) throws IOException, InterruptedException;

    public abstract static class ErrorConditionDescriptor extends Descriptor<ErrorCondition> {}
}
