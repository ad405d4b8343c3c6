package io.jenkins.plugins.ephemeral.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.Test;

/** Reads every view of the plugin. That the rules find what they are for is in {@link ViewRulesTest}. */
public class ViewTest {
    private static final Path RESOURCES = Path.of("src/main/resources");

    @Test
    public void everyViewKeepsToTheRules() throws Exception {
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".jelly"))).isNotEmpty();
        }
        assertThat(new ViewRules(JellyTags.read(), forms()).problems(RESOURCES)).isEmpty();
    }

    @Test
    public void everyPropertyIsInTheForm() throws Exception {
        List<Class<?>> types = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter().importPath(Path.of("target/classes"))) {
            if (!type.getName().endsWith("package-info")) {
                types.add(type.reflect());
            }
        }
        assertThat(forms().missing(types, RESOURCES)).isEmpty();
    }

    private static FormRules forms() throws Exception {
        return new FormRules(JellyTags.rows("hidden-properties.tsv"));
    }
}
