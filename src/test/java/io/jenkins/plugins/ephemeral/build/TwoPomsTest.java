package io.jenkins.plugins.ephemeral.build;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.BeforeClass;
import org.junit.Test;

/** The build from Maven Central and the one with the Jenkins project's repositories make the same plugin. */
public class TwoPomsTest {
    private static PomFile central;
    private static PomFile jenkins;

    @BeforeClass
    public static void readThem() throws Exception {
        central = PomFile.read(Path.of("pom.xml"));
        jenkins = PomFile.read(Path.of("pom-jenkins.xml"));
    }

    @Test
    public void bothNameTheSamePlugin() {
        for (String element : List.of("groupId", "artifactId", "version", "name", "description", "url")) {
            assertThat(jenkins.text(element)).as(element).isEqualTo(central.text(element));
        }
        assertThat(jenkins.text("packaging")).isEqualTo("hpi");
    }

    @Test
    public void bothAreForTheSameJenkinsAndTheSameClient() {
        assertThat(jenkins.property("jenkins.version")).isEqualTo(central.property("jenkins.version"));
        assertThat(jenkins.property("kubernetes-client.version"))
                .isEqualTo(central.property("kubernetes-client.version"));
    }

    @Test
    public void thePluginsOfTheManifestAreTheDependenciesOfTheJenkinsBuild() {
        Map<String, Boolean> optionalByPlugin = jenkins.dependencies().stream()
                .filter(dependency -> dependency.scope().equals("compile"))
                .collect(toMap(PomFile.Dependency::artifactId, PomFile.Dependency::optional));
        Map<String, Boolean> manifest =
                PluginPackage.dependencies(central.property("plugin.dependencies")).entrySet().stream()
                        .collect(toMap(
                                Map.Entry::getKey, entry -> entry.getValue().optional()));
        assertThat(optionalByPlugin).isEqualTo(manifest);
    }

    @Test
    public void theJenkinsBuildTakesEveryPluginsVersionFromTheBom() {
        assertThat(jenkins.dependencies())
                .filteredOn(dependency -> dependency.scope().equals("compile"))
                .allMatch(dependency -> dependency.version() == null);
    }

    @Test
    public void neitherBundlesALibrary() {
        assertThat(central.dependencies())
                .allMatch(dependency -> dependency.scope().equals("provided")
                        || dependency.scope().equals("test"));
    }
}
