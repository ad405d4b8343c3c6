package io.jenkins.plugins.ephemeral.pipeline;

import hudson.EnvVars;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which branch, pull request and commit a build is of, from the variables that Jenkins and its SCM plugins set. */
final class BuildOrigin {
    private final Map<String, String> variables;

    private BuildOrigin(Map<String, String> variables) {
        this.variables = variables;
    }

    static BuildOrigin of(Surroundings around) throws IOException, InterruptedException {
        EnvVars variables = around.context().get(EnvVars.class);
        return new BuildOrigin(variables == null ? Map.of() : variables);
    }

    static BuildOrigin of(Map<String, String> variables) {
        return new BuildOrigin(variables);
    }

    /** Whether it is of the main branch: the primary one of a multibranch project, or of a job that has no branches. */
    boolean isMain() {
        return get("BRANCH_NAME") == null || get("CHANGE_ID") == null && "true".equals(get("BRANCH_IS_PRIMARY"));
    }

    /**
     * The project whose main branch it is of: the folder of its branches, or the job itself where that has none. Null
     * for another branch.
     *
     * @param job full name of its job
     */
    String mainOf(String job) {
        int slash = job.lastIndexOf('/');
        return !isMain() ? null : get("BRANCH_NAME") == null || slash < 0 ? job : job.substring(0, slash);
    }

    /** The commit, or null if it is not known. */
    String commit() {
        return get("GIT_COMMIT") == null ? get("SVN_REVISION") : get("GIT_COMMIT");
    }

    /** Tags of a run that lead back to where the build is from. */
    Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        put(tags, "branch", get("BRANCH_NAME"));
        put(tags, "pr", get("CHANGE_ID"));
        put(tags, "commit", commit());
        return tags;
    }

    private static void put(Map<String, String> tags, String name, String value) {
        if (value != null) {
            tags.put(name, value);
        }
    }

    private String get(String name) {
        String value = variables.get(name);
        return value == null || value.isBlank() ? null : value;
    }
}
