package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.AbortException;
import org.junit.Test;

/** What the step refuses before anything is asked of anybody. */
public class EphemeralAgentStepTest {
    /** Both become parts of a path in the cluster's API, which is called with the controller's rights. */
    @Test
    public void namesOfAStandaloneAgentLeadNowhereElse() {
        for (String namespace :
                new String[] {"a/../../secrets?x=", "testkube/services/other:80/proxy", "..", "Testkube"}) {
            EphemeralAgentStep step = new EphemeralAgentStep();
            step.setMode("standalone");
            step.setAgentNamespace(namespace);
            assertThatThrownBy(() -> step.start(null))
                    .isInstanceOf(AbortException.class)
                    .hasMessage("agentNamespace: \"" + namespace + "\" is no name of a namespace");
        }
        for (String service : new String[] {"agent", "agent:80/proxy/x", "../pods/agent:80", "agent:80?x"}) {
            EphemeralAgentStep step = new EphemeralAgentStep();
            step.setMode("standalone");
            step.setAgentService(service);
            assertThatThrownBy(() -> step.start(null))
                    .isInstanceOf(AbortException.class)
                    .hasMessageStartingWith("agentService: \"" + service + "\" is not name:port");
        }
    }
}
