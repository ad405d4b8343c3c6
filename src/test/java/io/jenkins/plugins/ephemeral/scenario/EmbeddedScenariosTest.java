package io.jenkins.plugins.ephemeral.scenario;

/** The scenarios on the embedded cluster. */
public class EmbeddedScenariosTest extends PipelineScenarios {
    public EmbeddedScenariosTest() {
        super(null);
    }
}
