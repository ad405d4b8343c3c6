package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.kohsuke.stapler.DataBoundSetter;

/** The parameters of {@code ephemeralJob} that shape its Pod, in Kubernetes' own words; all may be left out. */
public abstract class EphemeralPodStep extends Step {
    private Map<String, ?> env;
    private List<String> secrets;
    private List<String> configMaps;
    private List<Map<String, ?>> envFrom;
    private List<Map<String, ?>> volumes;
    private Map<String, ?> resources;
    private String serviceAccount;
    private boolean automountServiceAccountToken;
    private String imagePullPolicy;
    private List<String> imagePullSecrets;
    private Map<String, ?> nodeSelector;
    private List<Map<String, ?>> tolerations;
    private Map<String, ?> labels;
    private Map<String, ?> annotations;
    private Map<String, ?> podAnnotations;
    private Map<String, ?> podSecurityContext;
    private Map<String, ?> securityContext;
    private String workingDir;
    private String podYaml;

    @CheckForNull
    public Map<String, ?> getEnv() {
        return env;
    }

    @DataBoundSetter
    public void setEnv(Map<String, ?> env) {
        this.env = env;
    }

    @CheckForNull
    public List<String> getSecrets() {
        return secrets;
    }

    @DataBoundSetter
    public void setSecrets(List<String> secrets) {
        this.secrets = secrets;
    }

    @CheckForNull
    public List<String> getConfigMaps() {
        return configMaps;
    }

    @DataBoundSetter
    public void setConfigMaps(List<String> configMaps) {
        this.configMaps = configMaps;
    }

    @CheckForNull
    public List<Map<String, ?>> getEnvFrom() {
        return envFrom;
    }

    @DataBoundSetter
    public void setEnvFrom(List<Map<String, ?>> envFrom) {
        this.envFrom = envFrom;
    }

    @CheckForNull
    public List<Map<String, ?>> getVolumes() {
        return volumes;
    }

    @DataBoundSetter
    public void setVolumes(List<Map<String, ?>> volumes) {
        this.volumes = volumes;
    }

    @CheckForNull
    public Map<String, ?> getResources() {
        return resources;
    }

    @DataBoundSetter
    public void setResources(Map<String, ?> resources) {
        this.resources = resources;
    }

    @CheckForNull
    public String getServiceAccount() {
        return serviceAccount;
    }

    @DataBoundSetter
    public void setServiceAccount(String serviceAccount) {
        this.serviceAccount = StepValues.fixEmpty(serviceAccount);
    }

    public boolean isAutomountServiceAccountToken() {
        return automountServiceAccountToken;
    }

    @DataBoundSetter
    public void setAutomountServiceAccountToken(boolean automountServiceAccountToken) {
        this.automountServiceAccountToken = automountServiceAccountToken;
    }

    @CheckForNull
    public String getImagePullPolicy() {
        return imagePullPolicy;
    }

    @DataBoundSetter
    public void setImagePullPolicy(String imagePullPolicy) {
        this.imagePullPolicy = StepValues.fixEmpty(imagePullPolicy);
    }

    @CheckForNull
    public List<String> getImagePullSecrets() {
        return imagePullSecrets;
    }

    @DataBoundSetter
    public void setImagePullSecrets(List<String> imagePullSecrets) {
        this.imagePullSecrets = imagePullSecrets;
    }

    @CheckForNull
    public Map<String, ?> getNodeSelector() {
        return nodeSelector;
    }

    @DataBoundSetter
    public void setNodeSelector(Map<String, ?> nodeSelector) {
        this.nodeSelector = nodeSelector;
    }

    @CheckForNull
    public List<Map<String, ?>> getTolerations() {
        return tolerations;
    }

    @DataBoundSetter
    public void setTolerations(List<Map<String, ?>> tolerations) {
        this.tolerations = tolerations;
    }

    @CheckForNull
    public Map<String, ?> getLabels() {
        return labels;
    }

    @DataBoundSetter
    public void setLabels(Map<String, ?> labels) {
        this.labels = labels;
    }

    @CheckForNull
    public Map<String, ?> getAnnotations() {
        return annotations;
    }

    @DataBoundSetter
    public void setAnnotations(Map<String, ?> annotations) {
        this.annotations = annotations;
    }

    @CheckForNull
    public Map<String, ?> getPodAnnotations() {
        return podAnnotations;
    }

    @DataBoundSetter
    public void setPodAnnotations(Map<String, ?> podAnnotations) {
        this.podAnnotations = podAnnotations;
    }

    @CheckForNull
    public Map<String, ?> getPodSecurityContext() {
        return podSecurityContext;
    }

    @DataBoundSetter
    public void setPodSecurityContext(Map<String, ?> podSecurityContext) {
        this.podSecurityContext = podSecurityContext;
    }

    @CheckForNull
    public Map<String, ?> getSecurityContext() {
        return securityContext;
    }

    @DataBoundSetter
    public void setSecurityContext(Map<String, ?> securityContext) {
        this.securityContext = securityContext;
    }

    @CheckForNull
    public String getWorkingDir() {
        return workingDir;
    }

    @DataBoundSetter
    public void setWorkingDir(String workingDir) {
        this.workingDir = StepValues.fixEmpty(workingDir);
    }

    @CheckForNull
    public String getPodYaml() {
        return podYaml;
    }

    @DataBoundSetter
    public void setPodYaml(String podYaml) {
        this.podYaml = podYaml == null || podYaml.isBlank() ? null : podYaml;
    }

    /** Text of a map for its form field. */
    public String linesOf(Map<String, ?> map) {
        return StepValues.toLines(map);
    }

    /** Text of a list for its form field. */
    public String itemsOf(List<String> items) {
        return items == null ? "" : String.join("\n", items);
    }

    /** Text of a list of maps for its form field. */
    public String mapsOf(List<Map<String, ?>> maps) {
        return StepValues.mapsToLines(maps);
    }

    /** Writes these parameters into a spec. */
    void describePod(StageJobSpec spec) {
        spec.env.putAll(StepValues.strings("env", env));
        spec.secrets.addAll(StepValues.strings("secrets", secrets));
        spec.configMaps.addAll(StepValues.strings("configMaps", configMaps));
        spec.envFrom.addAll(StepValues.maps("envFrom", envFrom));
        spec.volumes.addAll(StepValues.maps("volumes", volumes));
        spec.resources.putAll(StepValues.strings("resources", resources));
        spec.serviceAccount = serviceAccount;
        spec.automountServiceAccountToken = automountServiceAccountToken;
        spec.imagePullPolicy = imagePullPolicy;
        spec.imagePullSecrets.addAll(StepValues.strings("imagePullSecrets", imagePullSecrets));
        spec.nodeSelector.putAll(StepValues.strings("nodeSelector", nodeSelector));
        spec.tolerations.addAll(StepValues.maps("tolerations", tolerations));
        spec.labels.putAll(StepValues.strings("labels", labels));
        spec.annotations.putAll(StepValues.strings("annotations", annotations));
        spec.podAnnotations.putAll(StepValues.strings("podAnnotations", podAnnotations));
        spec.podSecurityContext.putAll(StepValues.strings("podSecurityContext", podSecurityContext));
        spec.securityContext.putAll(StepValues.strings("securityContext", securityContext));
        spec.workingDir = workingDir;
        spec.podYaml = podYaml;
    }

    /** How the text of these form fields gets into a step. */
    static Map<String, BiConsumer<Step, String>> podTextFields() {
        Map<String, BiConsumer<Step, String>> fields = new HashMap<>();
        fields.put("env", (step, text) -> of(step).setEnv(StepValues.parseLines("env", text)));
        fields.put("secrets", (step, text) -> of(step).setSecrets(StepValues.parseItems(text)));
        fields.put("configMaps", (step, text) -> of(step).setConfigMaps(StepValues.parseItems(text)));
        fields.put("envFrom", (step, text) -> of(step).setEnvFrom(StepValues.parseMaps("envFrom", text)));
        fields.put("volumes", (step, text) -> of(step).setVolumes(StepValues.parseMaps("volumes", text)));
        fields.put("resources", (step, text) -> of(step).setResources(StepValues.parseLines("resources", text)));
        fields.put("imagePullSecrets", (step, text) -> of(step).setImagePullSecrets(StepValues.parseItems(text)));
        fields.put(
                "nodeSelector", (step, text) -> of(step).setNodeSelector(StepValues.parseLines("nodeSelector", text)));
        fields.put("tolerations", (step, text) -> of(step).setTolerations(StepValues.parseMaps("tolerations", text)));
        fields.put("labels", (step, text) -> of(step).setLabels(StepValues.parseLines("labels", text)));
        fields.put("annotations", (step, text) -> of(step).setAnnotations(StepValues.parseLines("annotations", text)));
        fields.put("podAnnotations", (step, text) -> of(step).setPodAnnotations(
                        StepValues.parseLines("podAnnotations", text)));
        fields.put("podSecurityContext", (step, text) -> of(step).setPodSecurityContext(
                        StepValues.parseLines("podSecurityContext", text)));
        fields.put("securityContext", (step, text) -> of(step).setSecurityContext(
                        StepValues.parseLines("securityContext", text)));
        return fields;
    }

    private static EphemeralPodStep of(Step step) {
        return (EphemeralPodStep) step;
    }
}
