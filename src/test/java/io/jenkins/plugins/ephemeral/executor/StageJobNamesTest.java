package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.pholser.junit.quickcheck.Property;
import com.pholser.junit.quickcheck.generator.InRange;
import com.pholser.junit.quickcheck.runner.JUnitQuickcheck;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import org.junit.Test;
import org.junit.runner.RunWith;

/** Names of Jobs. */
@RunWith(JUnitQuickcheck.class)
public class StageJobNamesTest {
    private static RunRef run(String controller, String job, int number) {
        return new RunRef(controller, job, number, "");
    }

    @Property
    public void areDns1123AndShort(
            String stage, String controller, String job, @InRange(minInt = 1) int number, String node) {
        String name = StageJobNames.of(stage, run(controller, job, number), node);

        assertThat(name).matches("[a-z]([-a-z0-9]*[a-z0-9])?").hasSizeLessThanOrEqualTo(StageJobNames.LONGEST);
    }

    @Property
    public void areTheSameForTheSame(String stage, String job, @InRange(minInt = 1) int number, String node) {
        assertThat(StageJobNames.of(stage, run("c", job, number), node))
                .isEqualTo(StageJobNames.of(stage, run("c", job, number), node));
    }

    @Property
    public void differForAnotherNode(String stage, String job, @InRange(minInt = 1) int number, String node) {
        assertThat(StageJobNames.of(stage, run("c", job, number), node))
                .isNotEqualTo(StageJobNames.of(stage, run("c", job, number), node + "1"));
    }

    @Test
    public void areReadable() {
        assertThat(StageJobNames.of("plan-network", run("c", "shop/web/PR-41", 7), "12"))
                .matches("plan-network-7-[0-9a-f]{12}");
        assertThat(StageJobNames.of("7", run("c", "j", 1), "12")).startsWith("stage-7-1-");
        assertThat(StageJobNames.of("", run("c", "j", 1), "12")).startsWith("stage-1-");
    }

    @Test
    public void doNotMixUpTheirParts() {
        assertThat(StageJobNames.of("a", run("c", "ab", 1), "2"))
                .isNotEqualTo(StageJobNames.of("a", run("ca", "b", 1), "2"));
        assertThat(StageJobNames.of("a", run("c", "b", 1), "12"))
                .isNotEqualTo(StageJobNames.of("a", run("c", "b", 11), "2"));
    }
}
