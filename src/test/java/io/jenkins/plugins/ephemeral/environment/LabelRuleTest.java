package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.Test;

public class LabelRuleTest {
    private static final Map<String, String> LABELS = Map.of("zone", "eu", "gpu", "", "example.com/tier", "fast");

    @Test
    public void rulesOfEquality() {
        for (String holds : new String[] {
            null, "", "zone=eu", " zone == eu , gpu", "zone!=us", "!spot", "spot!=yes", "example.com/tier=fast", "gpu="
        }) {
            assertThat(new LabelRule(holds).matches(LABELS)).as(holds).isTrue();
        }
        for (String fails : new String[] {"zone=us", "zone!=eu", "!gpu", "spot", "zone=eu,spot", "spot="}) {
            assertThat(new LabelRule(fails).matches(LABELS)).as(fails).isFalse();
        }
    }

    @Test
    public void whatIsNoRuleIsNamed() {
        for (String wrong : new String[] {"zone=eu,", "!zone=eu", "a b", "zone in (eu)", "=eu"}) {
            assertThatThrownBy(() -> new LabelRule(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is not a rule");
        }
    }
}
