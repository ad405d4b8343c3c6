package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import io.jenkins.plugins.ephemeral.terrakube.TerrakubeSpec;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** {@code ephemeralJob executor: terrakube(workspace: ..., template: ...)}: a Terrakube control plane runs the stage. */
public final class TerrakubeExecutor extends AbstractDescribableImpl<TerrakubeExecutor> {
    private final String workspace;
    private String template;
    private String flow;
    private String branch;
    private String controlPlane;

    /** @param workspace name of the Terrakube workspace */
    @DataBoundConstructor
    public TerrakubeExecutor(String workspace) {
        this.workspace = workspace;
    }

    public String getWorkspace() {
        return workspace;
    }

    @CheckForNull
    public String getTemplate() {
        return template;
    }

    @DataBoundSetter
    public void setTemplate(String template) {
        this.template = StepValues.fixEmpty(template);
    }

    @CheckForNull
    public String getFlow() {
        return flow;
    }

    @DataBoundSetter
    public void setFlow(String flow) {
        this.flow = flow == null || flow.isBlank() ? null : flow;
    }

    @CheckForNull
    public String getBranch() {
        return branch;
    }

    @DataBoundSetter
    public void setBranch(String branch) {
        this.branch = StepValues.fixEmpty(branch);
    }

    @CheckForNull
    public String getControlPlane() {
        return controlPlane;
    }

    @DataBoundSetter
    public void setControlPlane(String controlPlane) {
        this.controlPlane = StepValues.fixEmpty(controlPlane);
    }

    /** Writes what it says into a spec. */
    void describe(TerrakubeSpec spec) {
        spec.workspace = StepValues.fixEmpty(workspace);
        spec.template = template;
        spec.flow = flow;
        spec.branch = branch;
        spec.controlPlane = controlPlane;
    }

    /** Descriptor. */
    @Extension
    @Symbol("terrakube")
    public static final class DescriptorImpl extends Descriptor<TerrakubeExecutor> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Terrakube control plane";
        }

        /** Checks that there is a workspace. */
        @POST
        public FormValidation doCheckWorkspace(@QueryParameter String value) {
            return FormChecks.required("workspace", value);
        }
    }
}
