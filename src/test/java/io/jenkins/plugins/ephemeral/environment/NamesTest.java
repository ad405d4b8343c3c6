package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeFalse;

import com.pholser.junit.quickcheck.Property;
import com.pholser.junit.quickcheck.generator.InRange;
import com.pholser.junit.quickcheck.runner.JUnitQuickcheck;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.Test;
import org.junit.runner.RunWith;

/** Whatever jobs are called, their namespaces have names that the API server takes and people can read. */
@RunWith(JUnitQuickcheck.class)
public class NamesTest {
    @Property(trials = 500)
    public void everyNameIsADnsLabel(String job, @InRange(min = "1") int build, String node) {
        assertThat(Names.of(null, run(job, build), node))
                .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
                .hasSizeLessThanOrEqualTo(63);
    }

    @Property(trials = 200)
    public void longNamesAreDnsLabelsToo(String part, @InRange(min = "1") int build) {
        String job = (part + "/Überlanger Ordner, mit Zeichen-").repeat(30) + "PR-12";
        String name = Names.of("shop", run(job, build), "12");
        assertThat(name).matches("shop-[a-z0-9]([-a-z0-9]*[a-z0-9])?").hasSizeLessThanOrEqualTo(63);
        assertThat(name).contains("pr-12-" + build + '-');
    }

    @Property(trials = 200)
    public void anyPrefixWillDo(String prefix) {
        assertThat(Names.of(prefix, run("shop/" + prefix.repeat(9), Integer.MAX_VALUE), "1"))
                .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
                .hasSizeLessThanOrEqualTo(63);
    }

    @Property(trials = 500)
    public void everyBranchHasOneNameForAllItsBuilds(
            String branch, @InRange(min = "1") int build, @InRange(min = "2", max = "999") int generation) {
        String job = "shop/" + branch;
        String name = Names.stable("web", run(job, build));
        assertThat(name).isEqualTo(Names.stable("web", run(job, build + 1)));
        assertThat(Names.generation(name, 1)).isEqualTo(name);
        String later = Names.generation(name, generation);
        assertThat(List.of(name, later)).allSatisfy(each -> assertThat(each)
                .matches("web-[a-z0-9]([-a-z0-9]*[a-z0-9])?")
                .hasSizeLessThanOrEqualTo(63));
        assertThat(later).startsWith(name).endsWith("-" + generation);
    }

    @Property(trials = 200)
    public void branchesOf250CharactersAreNamedByBothEnds(String part) {
        String branch = (part + "/feature/\u00c4\u00d6_\u65e5\u672c/UPPER--..").repeat(12);
        String cut = branch.substring(0, Math.min(branch.length(), 244));
        if (Character.isHighSurrogate(cut.charAt(cut.length() - 1))) {
            cut = cut.substring(0, cut.length() - 1);
        }
        String name = Names.stable(null, run("shop/" + cut + "/PR-12", 7));
        assertThat(name).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?").hasSizeLessThanOrEqualTo(59);
        assertThat(name).startsWith("shop").contains("pr-12-");
    }

    @Property(trials = 300)
    public void branchesThatDifferHaveNamesThatDiffer(String branch) {
        Set<String> names = new HashSet<>();
        Set<String> jobs = new HashSet<>(List.of(
                branch, branch + "-", branch + "--", branch + "/", "-" + branch, branch + ".", branch + "\u0301"));
        jobs.forEach(job -> names.add(Names.stable(null, run(job, 1))));
        assertThat(names).hasSameSizeAs(jobs);
    }

    @Property(trials = 200)
    public void theNamespaceSaysWhichBranchItIsOf(String branch, @InRange(min = "1") int build) {
        EnvironmentRecord record = new EnvironmentRecord();
        record.spec.lifetime = Lifetime.BRANCH;
        RunRef run = run("shop/" + branch, build);
        record.name = Names.stable(null, run);
        record.base = record.name;
        record.controllerId = run.controllerId();
        record.requestedAt = Instant.EPOCH;
        record.expiresAt = Instant.EPOCH;
        record.hold(Holder.of(run, "3", false, Instant.EPOCH));
        Map<String, String> annotations = Parts.namespace(record).getMetadata().getAnnotations();
        assertThat(annotations.get("ephemeral.jenkins.io/job")).isEqualTo("shop/" + branch);
        assertThat(annotations.get("ephemeral.jenkins.io/run")).isEqualTo("shop/" + branch + "#" + build);
        RunRef back = run(annotations.get("ephemeral.jenkins.io/job"), build);
        assertThat(Names.stable(null, back)).isEqualTo(annotations.get("ephemeral.jenkins.io/base-name"));
    }

    @Test
    public void aGenerationOfALongNameFits() {
        String longest = "a".repeat(62) + "b";
        assertThat(Names.generation(longest, 2)).hasSize(63).endsWith("a-2");
        assertThat(Names.generation("a".repeat(60) + "--b", 2)).isEqualTo("a".repeat(60) + "-2");
        assertThat(Names.generation("review", 12)).isEqualTo("review-12");
    }

    @Property(trials = 500)
    public void differentJobsHaveDifferentNames(String one, String other) {
        assumeFalse(one.equals(other));
        assertThat(Names.of(null, run(one, 1), "1")).isNotEqualTo(Names.of(null, run(other, 1), "1"));
    }

    @Test
    public void namesThatLookTheSameAfterCleaningDiffer() {
        Set<String> names = new HashSet<>();
        String[] jobs = {
            "shop/a-b", "shop/a_b", "shop/a b", "shop/A-B", "shop-a/b", "shop/a%2Fb", "shop/ä-b", "shop//a-b"
        };
        for (String job : jobs) {
            names.add(Names.of(null, run(job, 1), "1"));
        }
        assertThat(names).hasSize(jobs.length);
    }

    @Test
    public void controllerBuildAndNodeCount() {
        Set<String> names = new HashSet<>();
        names.add(Names.of(null, run("shop", 1), "1"));
        names.add(Names.of(null, run("shop", 2), "1"));
        names.add(Names.of(null, run("shop", 1), "2"));
        names.add(Names.of(null, new RunRef("other", "shop", 1, ""), "1"));
        assertThat(names).hasSize(4);
        assertThat(Names.of(null, run("shop", 1), "1")).isEqualTo(Names.of(null, run("shop", 1), "1"));
    }

    @Test
    public void partsOfTheHashDoNotRunTogether() {
        assertThat(Names.hash("ab", "c")).isNotEqualTo(Names.hash("a", "bc"));
    }

    @Test
    public void bothEndsCanBeRead() {
        assertThat(Names.of(null, run("shop/web/PR-41", 7), "12")).startsWith("shop-web-pr-41-7-");
        assertThat(Names.of("review", run("shop/web/PR-41", 7), "12")).startsWith("review-shop-web-pr-41-7-");
        assertThat(Names.of(null, run("shop/" + "very-".repeat(40) + "long/feature%2Flogin", 7), "12"))
                .startsWith("shop-very-")
                .contains("--")
                .contains("feature-login-7-");
        assertThat(Names.of(null, run("プロジェクト/ブランチ", 7), "12")).startsWith("job-7-");
    }

    @Test
    public void reservedNamesAreAvoided() {
        assertThat(Names.of(null, run("kube-system", 1), "1")).startsWith("e-system-1-");
        assertThat(Names.of("openshift", run("shop", 1), "1")).startsWith("e-shop-1-");
    }

    private static RunRef run(String job, int build) {
        return new RunRef("controller", job, build, "");
    }
}
