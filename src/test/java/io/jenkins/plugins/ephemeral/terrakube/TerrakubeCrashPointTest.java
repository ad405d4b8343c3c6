package io.jenkins.plugins.ephemeral.terrakube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.bench.terrakube.EmbeddedTerrakube;
import io.jenkins.plugins.ephemeral.bench.terrakube.EmbeddedTerrakube.Fault;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeAccess;
import io.jenkins.plugins.ephemeral.environment.KillSwitch;
import io.jenkins.plugins.ephemeral.executor.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Jenkins dies before and after each call to Terrakube; the next life goes on, and what is applied is applied once. */
public class TerrakubeCrashPointTest {
    private EmbeddedTerrakube server;
    private TerrakubeLives lives;

    @Before
    public void start() {
        server = EmbeddedTerrakube.start();
        server.workspace("net");
        server.template(
                "full",
                "flow:\n- {type: terraformPlan, name: Plan, step: 100}\n- {type: approval, name: Approve, step: 150}\n"
                        + "- {type: terraformApply, name: Apply, step: 200}\n");
        lives = new TerrakubeLives(new TerrakubeAccess(server.url(), "acme", server.token()));
    }

    @After
    public void stop() {
        server.close();
    }

    private static TerrakubeSpec plan() {
        TerrakubeSpec spec = new TerrakubeSpec();
        spec.name = "plan";
        spec.type = "plan";
        spec.workspace = "net";
        spec.template = "full";
        return spec;
    }

    private static TerrakubeSpec apply() {
        TerrakubeSpec spec = new TerrakubeSpec();
        spec.name = "apply";
        spec.after = "plan";
        spec.decision = "approve";
        return spec;
    }

    /** The whole way with a crash in it; what was passed of each call. */
    private Map<String, Integer> walk(String crossing, int occurrence) throws Exception {
        int applied = server.workspace("net").applied().size();
        int jobs = server.jobIds().size();
        KillSwitch killer = new KillSwitch(crossing, occurrence);
        TerrakubeResult planned = survive(plan(), lives.begin(plan()), killer);
        assertThat(planned.outcome()).as(killer.toString()).isEqualTo(Outcome.CHANGES);
        assertThat(planned.job().waitingStepId).isNotNull();
        TerrakubeResult done = survive(apply(), lives.continued(planned), killer);

        assertThat(done.outcome()).as(killer.toString()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.workspace("net").applied()).as(killer.toString()).hasSize(applied + 1);
        assertThat(server.jobIds()).as(killer.toString()).hasSize(jobs + 1);
        return killer.passed();
    }

    private TerrakubeResult survive(TerrakubeSpec spec, TerrakubeState begun, KillSwitch killer) throws Exception {
        byte[][] disk = {TerrakubeLives.bytes(begun)};
        TerrakubeResult result = killer.isDead() ? null : lives.live(spec, disk, killer);
        if (result == null) {
            lives.later(Duration.ofSeconds(31)); // Jenkins takes its time to start
            result = lives.live(spec, disk, new KillSwitch("never", 1));
        }
        return result;
    }

    @Test
    public void whatIsAppliedIsAppliedOnce() throws Exception {
        List<String> crossings = new ArrayList<>();
        crossings.addAll(walk("never", 1).keySet());
        assertThat(crossings)
                .contains(
                        "before Terrakube: creating job",
                        "after Terrakube: creating job",
                        "before Terrakube: setting job",
                        "after Terrakube: setting job",
                        "before Terrakube: reading results");
        for (String crossing : crossings) {
            server.close();
            start();
            walk(crossing, 1);
        }
    }

    @Test
    public void aCreationThatTakesEffectLateMakesASecondJobThatIsCancelled() throws Exception {
        server.workspace("net").holdInQueue();
        byte[][] disk = {TerrakubeLives.bytes(lives.begin(plan()))};
        // a first life asked for it and died; nothing is there, so it is asked for again
        assertThat(lives.live(plan(), disk, new KillSwitch("before Terrakube: creating job", 1)))
                .isNull();
        lives.later(Duration.ofSeconds(31));
        assertThat(lives.live(plan(), disk, new KillSwitch("after Terrakube: reading job", 2)))
                .isNull();
        TerrakubeState state = TerrakubeLives.read(disk[0]);
        assertThat(state.jobId).isEqualTo(1);
        assertThat(state.creations).isEqualTo(2);
        int late = server.copy(1);
        server.workspace("net").release();

        TerrakubeResult result = lives.live(plan(), disk, new KillSwitch("never", 1));

        assertThat(result.outcome()).isEqualTo(Outcome.CHANGES);
        assertThat(server.status(late)).isEqualTo("cancelled");
        assertThat(lives.console).anyMatch(line -> line.contains("job 2 was created, too"));
    }

    @Test
    public void aCancelFindsTheJobWhoseCreationHadNoAnswer() throws Exception {
        server.workspace("net").hold();
        byte[][] disk = {TerrakubeLives.bytes(lives.begin(plan()))};
        assertThat(lives.live(plan(), disk, new KillSwitch("after Terrakube: creating job", 1)))
                .isNull();
        assertThat(TerrakubeLives.read(disk[0]).jobId).isZero();

        lives.cancel(plan(), disk);

        assertThat(server.status(1)).isEqualTo("cancelled");
    }

    @Test
    public void aDecisionIsBoundToTheApprovalThatWasShown() throws Exception {
        server.template(
                "full",
                "flow:\n- {type: terraformPlan, name: Plan, step: 100}\n- {type: approval, name: First, step: 150}\n"
                        + "- {type: approval, name: Second, step: 160}\n- {type: terraformApply, name: Apply, step: 200}\n");
        byte[][] disk = {TerrakubeLives.bytes(lives.begin(plan()))};
        TerrakubeResult first = lives.live(plan(), disk, new KillSwitch("never", 1));
        server.failNext("PATCH", "/job", Fault.answerLost());
        byte[][] decided = {TerrakubeLives.bytes(lives.continued(first))};

        TerrakubeResult second = lives.live(apply(), decided, new KillSwitch("never", 1));

        assertThat(second.outcome()).isEqualTo(Outcome.CHANGES);
        assertThat(second.reason()).contains("step 160 Second");
        assertThat(server.workspace("net").applied()).isEmpty();
        byte[][] stale = {TerrakubeLives.bytes(lives.continued(first))};
        assertThatThrownBy(() -> lives.live(apply(), stale, new KillSwitch("never", 1)))
                .hasMessageContaining("it waits for another approval, step 160 Second, than stage plan showed");
        assertThat(server.workspace("net").applied()).isEmpty();
    }
}
