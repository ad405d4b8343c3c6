package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import org.junit.Test;

/** What a stage takes over from the one before it, and when it does not run. */
public class StageChainTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    private final Report report = new Report();
    private final StageJobSpec spec = new StageJobSpec();
    private final StageEntry plan = Merging.stage(report, "plan");

    public StageChainTest() {
        spec.name = "apply";
        spec.type = "apply";
        spec.image = "terraform:1.9";
        spec.after = "plan";
        plan.image = "terraform:1.9";
        plan.outcome = "CHANGES";
    }

    private StageJobResult link() {
        return new StageChain(spec).link(report, new NamespaceRef("shop-pr-41", "dev", "shop-pr-41", "u-1"));
    }

    private void refused(String says) {
        assertThatThrownBy(this::link)
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("apply")
                .hasMessageContaining(says);
    }

    @Test
    public void runsAfterChangesAndSuccess() {
        assertThat(link()).isNull();
        plan.outcome = "SUCCEEDED";
        assertThat(link()).isNull();
    }

    @Test
    public void isSkippedWhenThereIsNothingToDo() {
        for (String outcome : new String[] {"NO_CHANGES", "SKIPPED"}) {
            plan.outcome = outcome;
            assertThat(link().outcome()).isEqualTo(Outcome.SKIPPED);
        }
    }

    @Test
    public void isRefusedAfterAnythingElse() {
        for (Outcome outcome : Outcome.values()) {
            if (outcome.verdict().compareTo(io.jenkins.plugins.ephemeral.report.Verdict.PASSED) > 0
                    && outcome != Outcome.SKIPPED) {
                plan.outcome = outcome.name();
                refused("that stage ended as " + outcome);
            }
        }
        plan.outcome = null;
        refused("that stage is not over");
        spec.after = "plam";
        refused("no stage of that name");
    }

    @Test
    public void whatChangesThingsSaysWhatItComesAfter() {
        for (String type : new String[] {"apply", "destroy"}) {
            spec.type = type;
            spec.after = null;
            assertThatThrownBy(() -> new StageChain(spec).checkAfter())
                    .isInstanceOf(UserFault.class)
                    .hasMessageContaining("parameter after")
                    .hasMessageContaining("after: 'none'");
            spec.after = "none";
            new StageChain(spec).checkAfter();
            assertThat(link()).isNull();
        }
        spec.type = "plan";
        spec.after = null;
        new StageChain(spec).checkAfter();
    }

    @Test
    public void theImageIsTheOneThatRan() {
        plan.imageDigest = DIGEST;
        link();
        assertThat(spec.image).isEqualTo("terraform:1.9@" + DIGEST);
        link();
        assertThat(spec.image).isEqualTo("terraform:1.9@" + DIGEST);
        spec.image = "terraform:1.10";
        link();
        assertThat(spec.image).as("another one on purpose").isEqualTo("terraform:1.10");
        plan.image = "terraform:1.9@" + DIGEST;
        spec.image = "terraform:1.9";
        link();
        assertThat(spec.image).as("two stages back").isEqualTo("terraform:1.9@" + DIGEST);
        String other = "sha256:" + "f".repeat(64);
        spec.image = "terraform@" + other;
        refused("it ran image terraform:1.9 with digest " + DIGEST + ", and this stage would run terraform@" + other);
        plan.image = spec.image;
        link();
        assertThat(spec.image).as("named alike").isEqualTo("terraform@" + other);
        plan.image = "terraform:1.9";
        spec.image = "kubectl@" + other;
        link();
        assertThat(spec.image).as("another program").isEqualTo("kubectl@" + other);
    }

    @Test
    public void theCommitIsTheSame() {
        plan.commit = "abc123";
        spec.payload = "{\"commitId\":null,\"x\":1}";
        link();
        assertThat(spec.commit).isEqualTo("abc123");
        assertThat(spec.payload).isEqualTo("{\"commitId\":\"abc123\",\"x\":1}");
        spec.commit = "def456";
        spec.payload = null;
        refused("it is of commit abc123, and this stage would be of def456");
        spec.commit = null;
        spec.payload = "{\"commitId\":\"def456\"}";
        refused("def456");
    }

    @Test
    public void commitAndPayloadAgree() {
        spec.after = "none";
        spec.payload = "{\"commitId\":\"a\"}";
        link();
        assertThat(spec.commit).isEqualTo("a");
        spec.commit = "b";
        refused("b is not the payload's commitId a");
        spec.payload = "{\"other\":1}";
        link();
        assertThat(spec.payload)
                .as("no field is added that its reader may not know")
                .isEqualTo("{\"other\":1}");
    }

    @Test
    public void outputsAreTakenOverOrTheStageIsRefused() {
        plan.outputs = "tf.plan";
        plan.namespace = "shop-pr-41";
        plan.cluster = "dev";
        refused("its outputs (tf.plan) were not handed over");
        plan.outputsSha256 = "ab".repeat(32);
        plan.handover = "claim/plan-7-abc";
        link();
        assertThat(spec.inputsFrom).isEqualTo("claim/plan-7-abc");
        assertThat(spec.inputsSha256).isEqualTo(plan.outputsSha256);
        spec.workingDir = "/src";
        refused("cannot be unpacked in workingDir /src");
        spec.workingDir = "/workspace/infra";
        link();
        plan.namespace = "another";
        refused("its outputs are in namespace another");
        plan.namespace = "shop-pr-41";
        plan.cluster = "prod";
        refused("its outputs are in namespace shop-pr-41 of cluster prod, and this stage would run in dev/shop-pr-41");
    }
}
