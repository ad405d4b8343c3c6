package io.jenkins.plugins.ephemeral.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.BeforeClass;
import org.junit.Test;

/**
 * What the classes name at run time comes from Java, from Jenkins core or from a plugin of the manifest, and no plugin is asked for
 * that nothing uses: a class of any other plugin would be missing on a Jenkins that does not happen to have it.
 */
public class PluginUseTest {
    private static final String JAVA = "java";
    private static final String CORE = "jenkins-core";

    /** Which plugin has the packages that begin so; the longest entry decides. */
    private static final Map<String, String> OWNERS = new HashMap<>();

    static {
        for (String prefix : Set.of(
                "java.", "javax.xml.", "javax.net.", "javax.crypto.", "javax.security.", "org.w3c.", "org.xml.")) {
            OWNERS.put(prefix, JAVA);
        }
        for (String prefix : Set.of(
                "hudson.",
                "jenkins.",
                "org.kohsuke.",
                "org.jvnet.localizer.",
                "org.jenkinsci.Symbol",
                "jakarta.servlet.",
                "net.sf.json.",
                "com.thoughtworks.xstream.",
                "org.apache.tools.ant.",
                "edu.umd.cs.findbugs.annotations.",
                "org.springframework.security.core.")) {
            OWNERS.put(prefix, CORE);
        }
        OWNERS.put("org.csanchez.jenkins.plugins.kubernetes.", "kubernetes");
        // what its connect() throws: the kubernetes plugin requires that plugin itself
        OWNERS.put("org.jenkinsci.plugins.kubernetes.auth.", "kubernetes");
        OWNERS.put("io.fabric8.", "kubernetes-client-api");
        OWNERS.put("com.fasterxml.jackson.", "jackson2-api");
        OWNERS.put("org.yaml.snakeyaml.", "snakeyaml-api");
        OWNERS.put("org.jenkinsci.plugins.workflow.steps.", "workflow-step-api");
        OWNERS.put("org.jenkinsci.plugins.workflow.flow.", "workflow-api");
        OWNERS.put("org.jenkinsci.plugins.workflow.graph.", "workflow-api");
        OWNERS.put("org.jenkinsci.plugins.workflow.actions.", "workflow-api");
        OWNERS.put("org.jenkinsci.plugins.workflow.log.", "workflow-api");
        OWNERS.put("com.cloudbees.plugins.credentials.", "credentials");
        OWNERS.put("org.jenkinsci.plugins.plaincredentials.", "plain-credentials");
        OWNERS.put("jenkins.scm.api.", "scm-api");
        OWNERS.put("hudson.tasks.junit.", "junit");
        OWNERS.put("hudson.tasks.test.", "junit");
        OWNERS.put("jenkins.branch.", "branch-api");
        OWNERS.put("com.cloudbees.hudson.plugins.folder.", "cloudbees-folder");
        OWNERS.put("io.jenkins.plugins.checks.", "checks-api");
    }

    private static Map<String, PluginPackage.Dependency> manifest;
    private static final Map<String, Set<String>> USERS_BY_OWNER = new HashMap<>();

    @BeforeClass
    public static void readTheClasses() throws Exception {
        manifest = PluginPackage.dependencies(PomFile.read(Path.of("pom.xml")).property("plugin.dependencies"));
        for (JavaClass type : new ClassFileImporter().importPath(Path.of("target/classes"))) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass used = dependency.getTargetClass().getBaseComponentType();
                if (!used.isPrimitive() && !used.getName().startsWith("io.jenkins.plugins.ephemeral.")) {
                    USERS_BY_OWNER
                            .computeIfAbsent(owner(used.getName()), owner -> new TreeSet<>())
                            .add(type.getName() + " uses " + used.getName());
                }
            }
        }
    }

    @Test
    public void everythingThatIsUsedHasAnOwnerInTheManifest() {
        Map<String, Set<String>> others = new HashMap<>(USERS_BY_OWNER);
        others.keySet().removeAll(manifest.keySet());
        others.remove(JAVA);
        others.remove(CORE);
        assertThat(others).isEmpty();
    }

    @Test
    public void everyRequiredPluginIsUsed() {
        assertThat(manifest.keySet().stream()
                        .filter(plugin -> !manifest.get(plugin).optional()))
                .isNotEmpty()
                .allMatch(USERS_BY_OWNER::containsKey);
    }

    private static String owner(String className) {
        return OWNERS.keySet().stream()
                .filter(className::startsWith)
                .max(Comparator.comparingInt(String::length))
                .map(OWNERS::get)
                .orElse("nobody known");
    }
}
