package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * An environment's whole life, killed before and after each of its outside calls in turn. Whatever was reached, the next
 * life of the controller finds it again, harms nobody else, and takes it away.
 */
public class CrashPointTest {
    @Rule
    public final TemporaryFolder homes = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final Lives lives = new Lives(cluster.config(), cluster.config());

    @After
    public void close() {
        lives.close();
        cluster.close();
    }

    @Test
    public void aBuildThatIsLostLeavesNothingBehind() throws Exception {
        forEachCrossing(1_000, lives::lost);
    }

    @Test
    public void aBuildThatResumesGoesOnWhereItWas() throws Exception {
        forEachCrossing(2_000, lives::resumed);
    }

    @Test
    public void aLeaseThatIsHalfRenewedIsTakenUp() throws Exception {
        lives.guard();
        KillSwitch none = new KillSwitch("never", 1);
        assertThat(lives.liveUntilKilled(homes.newFolder().toPath(), none, 3_000))
                .isTrue();
        int build = 3_001;
        for (String crossing : none.passed().keySet()) {
            if (crossing.contains("Tenure") || crossing.contains("Lease")) {
                // the Lease of the life before, which had another home, has run out
                lives.forgetLease();
                lives.dieAndLiveOn(homes.newFolder().toPath(), new KillSwitch(crossing, 1), build++, lives::lost);
            }
        }
        assertThat(build).as("crossings of the Lease").isGreaterThanOrEqualTo(3_007);
    }

    @Test
    public void neitherSecretsNorAKubeconfigSurviveTheirBuild() throws Exception {
        lives.askForSecrets();
        KillSwitch none = new KillSwitch("never", 1);
        assertThat(lives.liveUntilKilled(homes.newFolder().toPath(), none, 4_000))
                .isTrue();
        assertThat(none.passed().keySet())
                .contains("before reading Secret", "after reading Secret", "before requesting token")
                .contains("before applying Secret", "before applying RoleBinding");
        int build = 4_000;
        for (Map.Entry<String, Integer> crossing : none.passed().entrySet()) {
            boolean concerned = crossing.getKey().matches(".* (Secret|token|RoleBinding)");
            for (int occurrence = 1; concerned && occurrence <= crossing.getValue(); occurrence++) {
                for (Lives.NextLife next : List.<Lives.NextLife>of(lives::lost, lives::resumed)) {
                    KillSwitch kill = new KillSwitch(crossing.getKey(), occurrence);
                    lives.dieAndLiveOn(homes.newFolder().toPath(), kill, ++build, next);
                }
            }
        }
        assertThat(build).as("deaths").isGreaterThanOrEqualTo(4_020);
    }

    private void forEachCrossing(int firstBuild, Lives.NextLife next) throws Exception {
        KillSwitch none = new KillSwitch("never", 1);
        assertThat(lives.liveUntilKilled(homes.newFolder().toPath(), none, firstBuild))
                .isTrue();
        // the test would be worth nothing if the calls stopped passing the gate
        assertThat(none.passed().keySet())
                .contains("before reading Records", "before writing Record", "after deleting Record")
                .contains("before creating Namespace", "before creating RoleBinding", "after deleting Namespace")
                .contains("before applying ResourceQuota", "before applying LimitRange")
                .contains("before applying ServiceAccount", "before applying NetworkPolicy");
        int build = firstBuild;
        for (Map.Entry<String, Integer> crossing : none.passed().entrySet()) {
            boolean look = crossing.getKey().contains("reading ");
            for (int occurrence = 1; occurrence <= (look ? 1 : crossing.getValue()); occurrence++) {
                KillSwitch kill = new KillSwitch(crossing.getKey(), occurrence);
                lives.dieAndLiveOn(homes.newFolder().toPath(), kill, ++build, next);
            }
        }
    }
}
