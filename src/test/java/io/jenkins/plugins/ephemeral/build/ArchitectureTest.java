package io.jenkins.plugins.ephemeral.build;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.BeforeClass;
import org.junit.Test;

/** The table of rooms in {@code docs/architecture.md}, and the rules that hold for all of them. */
public class ArchitectureTest {
    private static final String ROOT = "io.jenkins.plugins.ephemeral";

    /** Engine rooms, and which of our rooms each may use besides itself. */
    private static final Map<String, List<String>> ENGINE = new LinkedHashMap<>();

    /** Rooms that know Jenkins: they may use every room. */
    private static final List<String> EDGE = List.of("pipeline", "freestyle", "config", "page");

    static {
        ENGINE.put("outside", List.of());
        ENGINE.put("cluster", List.of("outside"));
        ENGINE.put("environment", List.of("outside", "cluster"));
        ENGINE.put("report", List.of("outside"));
        ENGINE.put("controlplane", List.of("outside", "report"));
        ENGINE.put("agent", List.of("outside", "cluster", "environment", "controlplane"));
        ENGINE.put("workflow", List.of("outside", "cluster", "controlplane", "report"));
        ENGINE.put("executor", List.of("outside", "cluster", "report"));
        ENGINE.put("terrakube", List.of("outside", "cluster", "controlplane", "executor", "report"));
        ENGINE.put(
                "engine",
                List.of(
                        "outside",
                        "cluster",
                        "environment",
                        "report",
                        "controlplane",
                        "agent",
                        "workflow",
                        "executor",
                        "terrakube"));
    }

    private static JavaClasses main;

    @BeforeClass
    public static void readTheClasses() {
        main = new ClassFileImporter().importPath(Path.of("target/classes"));
    }

    @Test
    public void everyClassIsInARoom() {
        List<String> rooms = new ArrayList<>();
        ENGINE.keySet().forEach(room -> rooms.add(room(room)));
        EDGE.forEach(room -> rooms.add(room(room)));
        classes()
                .should()
                .resideInAnyPackage(rooms.toArray(String[]::new))
                .orShould()
                .haveFullyQualifiedName(ROOT + ".package-info")
                .check(main);
    }

    @Test
    public void eachRoomUsesOnlyTheRoomsOfTheTable() {
        ENGINE.forEach((room, mayUse) -> roomRule(room, mayUse).check(main));
    }

    @Test
    public void aRoomThatReachesBackUpIsFound() {
        assertThatThrownBy(() -> roomRule("cluster", List.of()).check(main))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(ROOT + ".outside");
    }

    @Test
    public void theEngineKnowsNoJenkinsClass() {
        noJenkins(ENGINE.keySet().stream().map(ArchitectureTest::room).toArray(String[]::new))
                .check(main);
    }

    @Test
    public void anEngineThatKnowsJenkinsIsFound() {
        JavaClasses fixture = new ClassFileImporter().importClasses(KnowsJenkins.class);
        assertThatThrownBy(() -> noJenkins(KnowsJenkins.class.getPackageName()).check(fixture))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("hudson.Extension");
    }

    @Test
    public void theReportAndControlPlanesKnowNoKubernetes() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        room("outside"), room("report"), room("controlplane"), room("freestyle"), room("page"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fabric8..")
                .allowEmptyShould(true)
                .check(main);
    }

    @Test
    public void nothingSleeps() {
        noSleep().check(main);
        JavaClasses fixture = new ClassFileImporter().importClasses(Sleeps.class);
        assertThatThrownBy(() -> noSleep().check(fixture)).isInstanceOf(AssertionError.class);
    }

    @Test
    public void nothingWritesToStandardStreams() {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(main);
    }

    @Test
    public void noClassIsNamedForNothing() {
        classes()
                .should()
                .haveNameNotMatching(".*(Manager|Helper|Utils?)(\\$.*)?")
                .check(main);
    }

    @Test
    public void whatJenkinsSavesIsMadeOfTypesThatItReadsBack() throws Exception {
        PersistedTypes persisted = new PersistedTypes(main);
        Set<Class<?>> roots = persisted.roots();
        assertThat(roots).isNotEmpty();
        Set<String> problems = new TreeSet<>();
        for (Class<?> root : roots) {
            problems.addAll(persisted.problems(root));
        }
        assertThat(problems).isEmpty();
    }

    /**
     * Everything that a plugin class can know of Jenkins: core, Stapler, remoting and other plugins. Ours has the package
     * prefix of a plugin too.
     */
    private static ArchRule noJenkins(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "hudson..",
                                "jenkins..",
                                "org.jenkinsci..",
                                "org.kohsuke..",
                                "org.csanchez..",
                                "com.cloudbees..",
                                "net.sf.json..",
                                "jakarta.servlet..",
                                "javax.servlet..")
                        .or(resideInAPackage("io.jenkins..").and(describe("not ours", type -> !type.getPackageName()
                                .startsWith(ROOT)))));
    }

    private static ArchRule roomRule(String room, List<String> mayUse) {
        Set<String> allowed = new TreeSet<>(mayUse);
        allowed.add(room);
        return noClasses()
                .that()
                .resideInAPackage(room(room))
                .should()
                .dependOnClassesThat(describe(
                        "are in a room of ours other than " + allowed,
                        (JavaClass type) -> isOurs(type) && !allowed.contains(roomOf(type))))
                .allowEmptyShould(true);
    }

    private static ArchRule noSleep() {
        return noClasses()
                .should()
                .callMethodWhere(describe(
                        "Thread.sleep or TimeUnit.sleep",
                        call -> call.getTarget().getName().equals("sleep")
                                && call.getTargetOwner().getPackageName().startsWith("java.")));
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
    }

    private static String roomOf(JavaClass type) {
        String[] parts = type.getPackageName().substring(ROOT.length()).split("\\.");
        return parts.length > 1 ? parts[1] : "";
    }

    private static String room(String name) {
        return ROOT + "." + name + "..";
    }

    static final class KnowsJenkins {
        hudson.Extension annotation;
    }

    static final class Sleeps {
        void rest() throws InterruptedException {
            java.util.concurrent.TimeUnit.SECONDS.sleep(1);
        }
    }
}
