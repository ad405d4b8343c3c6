package io.jenkins.plugins.ephemeral.scenario;

/** The stages' scenarios on the embedded cluster. */
public class EmbeddedStagesTest extends StageScenarios {
    public EmbeddedStagesTest() {
        super(null);
    }
}
