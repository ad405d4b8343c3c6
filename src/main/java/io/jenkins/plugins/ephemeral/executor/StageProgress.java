package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Pod;

/** Tells the build's log how a stage comes along: one line per change. */
final class StageProgress {
    private final Stage stage;
    private boolean saidNode;
    private String said = "";

    StageProgress(Stage stage) {
        this.stage = stage;
        this.saidNode = stage.state().startedMillis > 0;
    }

    /** Says on which node its Pod is, once. */
    void scheduled(Sight sight) {
        Pod pod = sight.pod();
        String on = pod == null || pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        if (on != null && !saidNode) {
            saidNode = true;
            stage.say("Pod " + pod.getMetadata().getName() + " is scheduled on node " + on);
        }
    }

    /** Says what it waits for, if that is new. */
    void waiting(Finding finding) {
        if (!finding.progress().equals(said)) {
            said = finding.progress();
            if (!said.isEmpty()) {
                stage.say(said);
            }
        }
    }

    /** Says that it runs. */
    void started() {
        said = "";
        stage.say("started");
    }

    /** What was said last, for the thread dump; may be empty. */
    String last() {
        return said;
    }
}
