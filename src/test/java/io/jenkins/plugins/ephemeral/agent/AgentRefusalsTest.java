package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** What a control plane refuses, each with its own reason: no licence, wrong Environment, wrong token. */
public class AgentRefusalsTest {
    @Rule
    public final TestkubeStage stage = new TestkubeStage();

    private final AgentSpec spec = new AgentSpec();

    public AgentRefusalsTest() {
        stage.settings().licences(1);
        spec.floating = false;
        spec.timeout = Duration.ofSeconds(20);
    }

    private AgentRef install(NamespaceRef environment) throws Throwable {
        return stage.controller()
                .finish(stage.controller().agents().install(environment, spec, stage.run, stage.console::add));
    }

    @Test
    public void noLicenceIsLeft() throws Throwable {
        install(stage.environment("shop-1"));
        NamespaceRef second = stage.environment("shop-2");

        assertThatThrownBy(() -> install(second))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("creating agent " + AgentNames.of("shop-2", "ctl-1"))
                .hasMessageContaining("no agent licence is left: 1 in use")
                .hasMessageEndingWith(
                        "No licence is free: delete agents that are not needed any more, or buy more licences.");
        assertThat(stage.controlPlane().agentNames()).hasSize(1);
    }

    @Test
    public void theEnvironmentIsNotThere() {
        NamespaceRef environment = stage.environment("shop-1");
        stage.environmentId = "tkcenv_other";

        assertThatThrownBy(() -> install(environment))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("environment 'tkcenv_other' not found")
                .hasMessageContaining(
                        "and environment tkcenv_other of this control plane in the Jenkins configuration.");
    }

    @Test
    public void theAgentIsOfAnotherEnvironmentThanTheOneThatIsConfiguredNow() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        install(environment);
        stage.environmentId = "tkcenv_other";

        assertThatThrownBy(() -> install(environment))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining(
                        "it belongs to environment " + stage.controlPlane().environmentId()
                                + ", and the control plane is configured with tkcenv_other. Correct the environment id");
    }
}
