package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Secret;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.Urgency;

/** The Secret that a Pod of a stage needs to start: owned by the Job, and taken away once the container runs. */
final class StageFence {
    private final Stage stage;
    private final StageLaunch launch;
    private boolean owned;
    private boolean lifted;

    StageFence(Stage stage, StageLaunch launch) {
        this.stage = stage;
        this.launch = launch;
    }

    /** Has the Job own it, once, while its container has not begun. */
    void own() {
        StageJobState state = stage.state();
        if (!owned && state.startedMillis == 0 && state.decidedOutcome == null) {
            launch.own();
        }
        owned = true;
    }

    /** The container runs: what a second Pod would need to start is taken away. */
    void lift() {
        // with retries the next Pod needs it; then it goes with its Job
        if (!lifted && stage.state().secretUid != null && stage.spec().backoffLimit == 0) {
            Turn.urgency(Urgency.ENDING); // as long as it is there, a second Pod could start
            stage.cluster().delete(Secret.class, stage.namespace(), stage.state().jobName, stage.state().secretUid, -1);
            Turn.urgency(Urgency.USUAL);
        }
        lifted = true;
    }
}
