package io.jenkins.plugins.ephemeral.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.beans.Introspector;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.junit.Test;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** docs/steps.md knows every step and every parameter, and no others. */
public class StepsDocTest {
    private static final Pattern ROW = Pattern.compile("^\\| `([A-Za-z]+)` \\| ([^|]+) \\|([^|]*)\\| (.+) \\|$");

    @Test
    public void everyParameterIsDocumentedAndNoOther() throws Exception {
        Map<String, Set<String>> documented = documented();
        Map<String, Set<String>> real = new LinkedHashMap<>();
        for (JavaClass type : new ClassFileImporter().importPath(Path.of("target/classes"))) {
            if (type.isAssignableTo(StepDescriptor.class)
                    && !type.getModifiers().toString().contains("ABSTRACT")) {
                StepDescriptor descriptor =
                        (StepDescriptor) type.reflect().getDeclaredConstructor().newInstance();
                real.put(descriptor.getFunctionName(), parameters(type.reflect().getEnclosingClass()));
            }
        }

        assertThat(real).hasSize(7);
        assertThat(documented).isEqualTo(real);
    }

    private static Set<String> parameters(Class<?> step) {
        assertThat(step).isAssignableTo(Step.class);
        Set<String> names = new TreeSet<>();
        for (Constructor<?> constructor : step.getConstructors()) {
            if (constructor.isAnnotationPresent(DataBoundConstructor.class)) {
                for (Parameter parameter : constructor.getParameters()) {
                    names.add(parameter.getName());
                }
            }
        }
        for (Method method : step.getMethods()) {
            if (method.isAnnotationPresent(DataBoundSetter.class)) {
                names.add(Introspector.decapitalize(method.getName().substring(3)));
            }
        }
        return names;
    }

    private static Map<String, Set<String>> documented() throws Exception {
        Map<String, Set<String>> steps = new LinkedHashMap<>();
        String step = null;
        for (String line : Files.readAllLines(Path.of("docs/steps.md"))) {
            if (line.startsWith("## ")) {
                step = line.substring(3).trim();
                steps.put(step, new TreeSet<>());
            }
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertThat(row.group(4).trim()).as(step + "." + row.group(1)).isNotEmpty();
                assertThat(steps.get(step).add(row.group(1)))
                        .as("twice: " + row.group(1))
                        .isTrue();
            }
        }
        for (String section : Files.readString(Path.of("docs/steps.md")).split("\n## ")) {
            if (section.startsWith("ephemeral") || section.startsWith("withEphemeral")) {
                assertThat(section).contains("```groovy", "**Returns**");
            }
        }
        return steps;
    }
}
