package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.pholser.junit.quickcheck.Property;
import com.pholser.junit.quickcheck.runner.JUnitQuickcheck;
import org.junit.Test;
import org.junit.runner.RunWith;

@RunWith(JUnitQuickcheck.class)
public class AgentNamesTest {
    @Property(trials = 300)
    public void whateverTheEnvironmentIsCalledTheNameIsOneThatTheControlPlaneTakes(String environment, String id) {
        String name = AgentNames.of(environment, id);

        assertThat(name).hasSizeLessThanOrEqualTo(40).matches("[a-z0-9]([a-z0-9-.]*[a-z0-9])?");
        assertThat(AgentNames.of(environment, id)).isEqualTo(name);
    }

    @Test
    public void controllersAndEnvironmentsAreToldApart() {
        String long1 = "a-very-long-environment-name-of-a-pull-request-1";
        String long2 = "a-very-long-environment-name-of-a-pull-request-2";

        assertThat(AgentNames.of(long1, "a")).isNotEqualTo(AgentNames.of(long2, "a"));
        assertThat(AgentNames.of(long1, "a")).isNotEqualTo(AgentNames.of(long1, "b"));
        assertThat(AgentNames.of("shop-pr-41", "a")).startsWith("jk-shop-pr-41-");
    }
}
