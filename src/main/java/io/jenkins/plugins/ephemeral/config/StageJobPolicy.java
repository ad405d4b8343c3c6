package io.jenkins.plugins.ephemeral.config;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import io.jenkins.plugins.ephemeral.executor.StageJobSettings;
import io.jenkins.plugins.ephemeral.pipeline.StepValues;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** What an administrator sets for all stage Jobs; lists are texts with one item per line. */
public final class StageJobPolicy extends AbstractDescribableImpl<StageJobPolicy> {
    static final String DEFAULT_STARTUP_TIMEOUT = "10m";
    static final String DEFAULT_TIMEOUT = "1h";
    static final int DEFAULT_TTL_SECONDS = 3600;
    static final int LEAST_TTL_SECONDS = 60;

    private String podYaml;
    private String startupTimeout = DEFAULT_STARTUP_TIMEOUT;
    private String timeout = DEFAULT_TIMEOUT;
    private int ttlSecondsAfterFinished = DEFAULT_TTL_SECONDS;
    private String serviceAccounts = "";
    private String images = "*";
    private String hostPaths = "";
    private boolean privileged;
    private String helperImage = StageJobSettings.HELPER_IMAGE;
    private String handoverSize = StageJobSettings.HANDOVER_SIZE;

    /** The plugin's own defaults. */
    @DataBoundConstructor
    public StageJobPolicy() {}

    @CheckForNull
    public String getPodYaml() {
        return podYaml;
    }

    @DataBoundSetter
    public void setPodYaml(String podYaml) {
        this.podYaml = podYaml == null || podYaml.isBlank() ? null : podYaml;
    }

    public String getStartupTimeout() {
        return startupTimeout;
    }

    @DataBoundSetter
    public void setStartupTimeout(String startupTimeout) {
        this.startupTimeout = duration("startupTimeout", orDefault(startupTimeout, DEFAULT_STARTUP_TIMEOUT));
    }

    public String getTimeout() {
        return timeout;
    }

    @DataBoundSetter
    public void setTimeout(String timeout) {
        this.timeout = duration("timeout", orDefault(timeout, DEFAULT_TIMEOUT));
    }

    public int getTtlSecondsAfterFinished() {
        return ttlSecondsAfterFinished;
    }

    @DataBoundSetter
    public void setTtlSecondsAfterFinished(int ttlSecondsAfterFinished) {
        this.ttlSecondsAfterFinished =
                ttlSecondsAfterFinished >= LEAST_TTL_SECONDS ? ttlSecondsAfterFinished : DEFAULT_TTL_SECONDS;
    }

    public String getServiceAccounts() {
        return serviceAccounts;
    }

    @DataBoundSetter
    public void setServiceAccounts(String serviceAccounts) {
        this.serviceAccounts = orDefault(serviceAccounts, "");
    }

    public String getImages() {
        return images;
    }

    @DataBoundSetter
    public void setImages(String images) {
        this.images = orDefault(images, "*");
    }

    public String getHostPaths() {
        return hostPaths;
    }

    @DataBoundSetter
    public void setHostPaths(String hostPaths) {
        this.hostPaths = orDefault(hostPaths, "");
    }

    public boolean isPrivileged() {
        return privileged;
    }

    @DataBoundSetter
    public void setPrivileged(boolean privileged) {
        this.privileged = privileged;
    }

    public String getHelperImage() {
        return helperImage;
    }

    @DataBoundSetter
    public void setHelperImage(String helperImage) {
        this.helperImage = orDefault(helperImage, StageJobSettings.HELPER_IMAGE);
    }

    public String getHandoverSize() {
        return handoverSize;
    }

    @DataBoundSetter
    public void setHandoverSize(String handoverSize) {
        this.handoverSize = orDefault(handoverSize, StageJobSettings.HANDOVER_SIZE);
    }

    /** The same for the engine. */
    StageJobSettings settings() {
        StageJobSettings settings = new StageJobSettings();
        settings.podYaml = podYaml;
        settings.startupTimeout = StepValues.duration("startupTimeout", startupTimeout);
        settings.timeout = StepValues.duration("timeout", timeout);
        settings.ttlSecondsAfterFinished = ttlSecondsAfterFinished;
        settings.serviceAccounts = lines(serviceAccounts);
        settings.images = lines(images);
        settings.hostPaths = lines(hostPaths);
        settings.privileged = privileged;
        settings.helperImage = helperImage;
        settings.handoverSize = handoverSize;
        return settings;
    }

    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(lines::add);
        return lines;
    }

    /** The text, if it is a duration: a wrong one is refused here and not when a stage begins. */
    private static String duration(String field, String text) {
        StepValues.duration(field, text);
        return text;
    }

    private static String orDefault(String text, String otherwise) {
        return text == null || text.isBlank() ? otherwise : text.trim();
    }

    /** Descriptor. */
    @Extension
    @Symbol("stageJobs")
    public static final class DescriptorImpl extends Descriptor<StageJobPolicy> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Stage Jobs";
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckStartupTimeout(@QueryParameter String value) {
            return checked("startupTimeout", value);
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckTimeout(@QueryParameter String value) {
            return checked("timeout", value);
        }

        private static FormValidation checked(String field, String value) {
            try {
                StepValues.duration(field, value);
                return FormValidation.ok();
            } catch (IllegalArgumentException e) {
                return FormValidation.error(e.getMessage());
            }
        }
    }
}
