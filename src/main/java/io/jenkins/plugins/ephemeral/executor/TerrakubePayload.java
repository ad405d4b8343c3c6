package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a Terrakube executor is told to do: its {@code EphemeralJobData}. Source: terrakube-io/terrakube 2.33,
 * {@code ExecutorContext} (writer) and {@code TerraformJob} (reader). Nulls are written, as Terrakube does; fields that
 * are not known here are kept.
 */
public final class TerrakubePayload {
    private static final Set<String> TYPES = Set.of(
            "terraformPlan", "terraformPlanDestroy", "terraformApply", "terraformDestroy", "customScripts", "approval");
    private static final Set<String> VCS =
            Set.of("PUBLIC", "GITHUB", "GITLAB", "BITBUCKET", "AZURE_DEVOPS", "AZURE_SP_MI");
    private static final Set<String> RUNTIMES = Set.of("BASH", "GROOVY");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A script around a stage. */
    public static final class Command {
        /** {@code BASH} or {@code GROOVY}. */
        public String runtime = "BASH";

        /** Its text. */
        public String script;

        /** Order; two of the same silently lose one of them. */
        public int priority;

        /** Before Terraform. */
        public boolean before;

        /** After Terraform. */
        public boolean after;

        /** Before {@code terraform init}. */
        public boolean beforeInit;

        /** Whether its output is shown. */
        public boolean verbose;

        private final Map<String, Object> others = new LinkedHashMap<>();

        @JsonAnyGetter
        Map<String, Object> others() {
            return others;
        }

        @JsonAnySetter
        void other(String name, Object value) {
            others.put(name, value);
        }
    }

    /** Type of the flow's step. */
    public String type;

    /** UUIDs; {@link #jobId} is a number as text. */
    public String organizationId;

    public String workspaceId;

    public String jobId;

    public String stepId;

    /** Version or constraint. */
    public String terraformVersion;

    /** OpenTofu instead of Terraform. */
    public boolean tofu;

    /** Git URL, or URL of a tarball with branch {@code remote-content}. */
    public String source;

    public String branch;

    /** Folder of the source, {@code /} for its root. */
    public String folder = "/";

    /** Commit, which pins the source along a chain of stages; null for the head of the branch. */
    public String commitId;

    /** {@code PUBLIC}, {@code GITHUB}, ... or {@code SSH~<key file>}. */
    public String vcsType = "PUBLIC";

    /** {@code OAUTH}, {@code STANDALONE} or null. */
    public String connectionType;

    /** Secret: the version control system's token. */
    public String accessToken;

    /** Secret: private key for modules. */
    public String moduleSshKey;

    public boolean refresh = true;

    public boolean refreshOnly;

    public boolean showHeader = true;

    public boolean ignoreError;

    /** Environment of the program, sensitive values included. */
    public Map<String, String> environmentVariables = new LinkedHashMap<>();

    /** Terraform's variables, sensitive values included. */
    public Map<String, String> variables = new LinkedHashMap<>();

    /** Scripts; null for none. */
    public List<Command> commandList;

    /** Scripts after a failure; null for none. */
    public List<Command> onFailureList;

    private final Map<String, Object> others = new LinkedHashMap<>();

    @JsonAnyGetter
    Map<String, Object> others() {
        return others;
    }

    @JsonAnySetter
    void other(String name, Object value) {
        others.put(name, value);
    }

    /**
     * Reads one from plain maps, lists and values, as a program writes them.
     *
     * @throws IllegalArgumentException naming the field that is wrong; never quoting a value
     */
    public static TerrakubePayload of(Map<String, ?> fields) {
        try {
            return JSON.convertValue(fields, TerrakubePayload.class).checked();
        } catch (IllegalArgumentException e) {
            if (e.getCause() instanceof MismatchedInputException) {
                MismatchedInputException wrong = (MismatchedInputException) e.getCause();
                String field = wrong.getPathReference().replaceAll(".*\\[\"([^\"]*)\"\\].*", "$1");
                throw new IllegalArgumentException("field " + field + " is of the wrong type");
            }
            throw e;
        }
    }

    /** Its JSON. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private TerrakubePayload checked() {
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException("field type is none of " + String.join(", ", sorted(TYPES)));
        }
        if (jobId == null || !jobId.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("field jobId is not a number: Terrakube's executor reads it as one");
        }
        if (!VCS.contains(vcsType) && (vcsType == null || !vcsType.startsWith("SSH~"))) {
            throw new IllegalArgumentException(
                    "field vcsType is none of " + String.join(", ", sorted(VCS)) + ", SSH~<key file>");
        }
        check("commandList", commandList);
        check("onFailureList", onFailureList);
        return this;
    }

    private static void check(String field, List<Command> commands) {
        if (commands == null) {
            return;
        }
        Set<Integer> priorities = new java.util.HashSet<>();
        for (Command command : commands) {
            if (!RUNTIMES.contains(command.runtime)) {
                throw new IllegalArgumentException("field " + field + ": runtime is none of BASH, GROOVY");
            }
            if (!priorities.add(command.priority)) {
                throw new IllegalArgumentException("field " + field + ": priority " + command.priority
                        + " is there twice, and Terrakube would run only one of the two");
            }
        }
    }

    private static Set<String> sorted(Set<String> names) {
        return new java.util.TreeSet<>(names);
    }
}
