package io.jenkins.plugins.ephemeral.outside;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchUnitRunner;
import com.tngtech.archunit.lang.ArchRule;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import org.junit.runner.RunWith;

/** Crash tests are worth as much as the calls that pass the gate: who wants to leave the process has no other way. */
@RunWith(ArchUnitRunner.class)
@AnalyzeClasses(packages = "io.jenkins.plugins.ephemeral", importOptions = ImportOption.DoNotIncludeTests.class)
public class GateTest {
    /** Clients are made by the configuration and used by the room that passes the gate. */
    @ArchTest
    static final ArchRule clientsAreBorrowedThroughTheCluster = noClasses()
            .that()
            .resideOutsideOfPackages("..ephemeral.cluster..", "..ephemeral.config..", "..ephemeral.bench..")
            .should()
            .callMethod(ClusterAccess.class, "client");

    /** All three hand what they write to the gate. */
    @ArchTest
    static final ArchRule recordsAreWrittenByTheRegistry = noClasses()
            .that(resideInAPackage("..ephemeral.environment..")
                    .and(not(simpleName("Registry")))
                    .and(not(simpleName("TenureFile")))
                    .and(not(simpleName("RoomLine"))))
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Files.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(FileChannel.class);

    @ArchTest
    static final ArchRule theLibrarysRetriesAndLimitsAreNotUsedAround = noClasses()
            .that()
            .resideInAPackage("..ephemeral.environment..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClient");
}
