package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tags of a run: the user's, and those that lead back to the build. */
final class RunTags {
    private static final int LONGEST = 63;

    /** Tag with the environment's name. */
    static final String ENVIRONMENT = "ephemeral-environment";

    /** Tag with the id of the controller: two of them may have environments of one name. */
    static final String CONTROLLER = "jenkins-controller";

    private RunTags() {}

    static Map<String, String> of(
            WorkflowRunSpec spec, RunRef build, NamespaceRef environment, WorkflowRunState.Run run) {
        Map<String, String> tags = new LinkedHashMap<>();
        spec.buildTags.forEach((tag, text) -> tags.put(tag, value(text)));
        tags.putAll(spec.tags);
        tags.put("jenkins-job", value(build.jobFullName()));
        tags.put("jenkins-build", value(build.externalId()));
        tags.put(ENVIRONMENT, environment.environment());
        tags.put(CONTROLLER, build.controllerId());
        tags.put(WorkflowRuns.TAG, run.tag);
        return tags;
    }

    /** Whether a run is none of another controller's; those that versions before this tag started do not say. */
    static boolean mayBeOf(String controllerId, Map<String, String> tags) {
        return controllerId.equals(tags.getOrDefault(CONTROLLER, controllerId));
    }

    /** Text that a tag selector takes, which has the syntax of label selectors; the end says most and is kept. */
    static String value(String text) {
        String plain = text.replaceAll("[^A-Za-z0-9._-]+", "-");
        plain = plain.length() > LONGEST ? plain.substring(plain.length() - LONGEST) : plain;
        return plain.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
    }
}
