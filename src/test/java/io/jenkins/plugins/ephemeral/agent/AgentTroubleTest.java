package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.Test;

/** Words of a refused agent, and what they are taken for. */
public class AgentTroubleTest {
    @Test
    public void reasonsAreToldApart() {
        assertThat(AgentTrouble.in(
                        "cannot get pro context: rpc error: code = Unavailable desc = connection error: desc ="
                                + " \"transport: Error while dialing: dial tcp 10.0.0.1:443: i/o timeout\""))
                .isEqualTo(AgentTrouble.EGRESS);
        assertThat(AgentTrouble.in("cannot get pro context: rpc error: code = Unavailable desc = lookup"
                        + " agent.example.org on 10.96.0.10:53: no such host"))
                .isEqualTo(AgentTrouble.EGRESS);
        assertThat(AgentTrouble.in("cannot get pro context: context deadline exceeded"))
                .isEqualTo(AgentTrouble.EGRESS);
        assertThat(AgentTrouble.in("rpc error: code = Unavailable desc = tls: failed to verify certificate: x509:"
                        + " certificate signed by unknown authority"))
                .isEqualTo(AgentTrouble.CERTIFICATE);
        assertThat(AgentTrouble.in("cannot get pro context: rpc error: code = Unauthenticated desc = no such agent"))
                .isEqualTo(AgentTrouble.KEY);
        assertThat(AgentTrouble.in("rpc error: code = PermissionDenied desc = agent is not in the environment"))
                .isEqualTo(AgentTrouble.ENVIRONMENT);
        assertThat(AgentTrouble.in("error registering runner: rpc error: code = AlreadyExists"))
                .isEqualTo(AgentTrouble.NAME_TAKEN);
        assertThat(AgentTrouble.in("error registering runner: no license available for the organization"))
                .isEqualTo(AgentTrouble.LICENCE);
        assertThat(AgentTrouble.in("error registering runner")).isEqualTo(AgentTrouble.REFUSED);
        assertThat(AgentTrouble.in("starting Testkube API server")).isEqualTo(AgentTrouble.NONE);
    }

    @Test
    public void theAddressIsNamed() {
        assertThat(AgentTrouble.EGRESS.remedy("agent.example.org:443"))
                .startsWith("Pods cannot reach agent.example.org:443: check network policies");
        assertThat(AgentTrouble.CERTIFICATE.remedy("agent.example.org:443"))
                .isEqualTo("The agent does not trust the certificate of agent.example.org:443.");
    }
}
