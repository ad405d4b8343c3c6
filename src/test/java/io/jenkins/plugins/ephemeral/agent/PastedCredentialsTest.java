package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import org.junit.Test;

/** Commands as Testkube generates them (legacy CLI, legacy and new Helm, new values), and what is wrong with others. */
public class PastedCredentialsTest {
    private static AgentCredentials read(String pasted) {
        return PastedCredentials.of(
                new Connection("https://api.example.org", "tkcorg_1", "tkcenv_1", "tkcapi_x").sharing(pasted));
    }

    @Test
    public void theCommandOfTheCommandLineTool() {
        AgentCredentials read = read("testkube init agent --agent-token tkcagnt_0123abcd --org-id tkcorg_1"
                + " --env-id tkcenv_1 --agent-uri agent.testkube.example.org:443 --namespace testkube");

        assertThat(read.isEnvironmentToken()).isTrue();
        assertThat(read.key()).isEqualTo("tkcagnt_0123abcd");
        assertThat(read.address()).isEqualTo("agent.testkube.example.org:443");
    }

    @Test
    public void theCommandOfHelmForAnEnvironment() {
        AgentCredentials read = read("helm upgrade --install --create-namespace testkube kubeshop/testkube \\\n"
                + "  --set testkube-api.cloud.url=agent.example.org:8443 --set testkube-api.cloud.key=tkcagnt_9 \\\n"
                + "  --set testkube-api.cloud.orgId=tkcorg_1,testkube-api.cloud.envId=tkcenv_1 -n testkube");

        assertThat(read.key()).isEqualTo("tkcagnt_9");
        assertThat(read.address()).isEqualTo("agent.example.org:8443");
        assertThat(read.organizationId()).isEqualTo("tkcorg_1");
        assertThat(read.environmentId()).isEqualTo("tkcenv_1");
    }

    @Test
    public void theCommandOfHelmForAnAgent() {
        AgentCredentials read = read("helm upgrade --install testkube-shared kubeshop/testkube-runner"
                + " --set runner.id=\"tkcagent_77\" --set 'runner.secret=tkckey_agent_77' --set runner.orgId=tkcorg_1"
                + " --set runner.envId=tkcenv_1 --set cloud.url=agent.example.org:443 --wait");

        assertThat(read.isEnvironmentToken()).isFalse();
        assertThat(read.id()).isEqualTo("tkcagent_77");
        assertThat(read.key()).isEqualTo("tkckey_agent_77");
        assertThat(read.toString()).doesNotContain("tkckey");
    }

    @Test
    public void valuesAsYamlAndWhatIsLeftOutIsTheConnections() {
        AgentCredentials read = read("runner:\n  id: tkcagent_5\n  secret: tkckey_agent_5\n");

        assertThat(read.organizationId()).isEqualTo("tkcorg_1");
        assertThat(read.environmentId()).isEqualTo("tkcenv_1");
        assertThat(read.address()).isEqualTo("agent.example.org:443");
    }

    @Test
    public void anotherEnvironmentIsRefused() {
        assertThatThrownBy(() -> read("--agent-token tkcagnt_1 --org-id tkcorg_1 --env-id tkcenv_2"))
                .isInstanceOf(UserFault.class)
                .hasMessage("reading the shared agent (control plane testkube): it is of environment tkcenv_2, and the"
                        + " control plane is configured with tkcenv_1. Paste the command of the configured environment,"
                        + " or correct the configuration.");
    }

    @Test
    public void whatIsMissingIsSaidAndNothingIsQuoted() {
        assertThatThrownBy(() -> read("")).hasMessageContaining("no shared agent is configured for it");
        assertThatThrownBy(() -> read("hunter2 --env-id tkcenv_1"))
                .hasMessageContaining("it has neither a key (tkckey_...) nor a token (tkcagnt_...)")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> read("runner.secret=tkckey_agent_1"))
                .hasMessageContaining("it has a key but no agent id")
                .hasMessageNotContaining("agent_1");
        assertThatThrownBy(() -> read("tkcagnt_1 tkcagent_1 tkckey_agent_1"))
                .hasMessageContaining("both a key (tkckey_) and a token (tkcagnt_)");
        assertThatThrownBy(() -> read("tkcagnt_1 tkcagnt_2"))
                .hasMessageContaining("it has 2 different values for the agent token")
                .hasMessageNotContaining("tkcagnt_1");
        assertThatThrownBy(() -> read("helm upgrade x --set runner.register.token=abc --set runner.envId=tkcenv_1"))
                .hasMessageContaining("it has a join token, which makes another agent each time");
    }
}
