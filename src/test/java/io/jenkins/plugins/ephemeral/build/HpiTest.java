package io.jenkins.plugins.ephemeral.build;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import hudson.Extension;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.stream.Stream;
import jenkins.YesNoMaybe;
import net.java.sezpoz.Index;
import net.java.sezpoz.IndexItem;
import org.jenkinsci.Symbol;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.kohsuke.stapler.DataBoundConstructor;

/** What {@code mvn package} made is the plugin that Jenkins can load: read from the package itself, after packaging. */
public class HpiTest {
    private static final Path CLASSES = Path.of("target/classes");

    @ClassRule
    public static final TemporaryFolder FOLDER = new TemporaryFolder();

    private static PluginPackage hpi;
    private static ClassLoader packaged;
    private static List<Class<?>> classes;

    @BeforeClass
    public static void openIt() throws Exception {
        hpi = PluginPackage.open(PluginPackage.HPI);
        packaged = hpi.libraryResources(FOLDER.getRoot().toPath(), HpiTest.class.getClassLoader());
        classes = new ArrayList<>();
        for (String name : hpi.classNames()) {
            classes.add(Class.forName(name, false, HpiTest.class.getClassLoader()));
        }
    }

    @Test
    public void theManifestSaysWhatJenkinsReads() throws Exception {
        PomFile pom = PomFile.read(Path.of("pom.xml"));
        Attributes manifest = hpi.manifest();
        assertThat(value(manifest, "Group-Id")).isEqualTo("io.jenkins.plugins");
        assertThat(value(manifest, "Artifact-Id")).isEqualTo("ephemeral-environments");
        assertThat(value(manifest, "Short-Name")).isEqualTo("ephemeral-environments");
        assertThat(value(manifest, "Long-Name")).isEqualTo("Ephemeral Environments");
        assertThat(value(manifest, "Url")).isEqualTo(pom.text("url")).startsWith("https://");
        assertThat(value(manifest, "Plugin-Version")).isEqualTo(pom.text("version"));
        assertThat(value(manifest, "Jenkins-Version")).isEqualTo("2.528.3");
        assertThat(value(manifest, "Minimum-Java-Version")).isEqualTo("17");
        assertThat(value(manifest, "Plugin-Developers")).matches("[^:,]*:[^:,]*:[^:,]*(,[^:,]*:[^:,]*:[^:,]*)*");
        assertThat(value(manifest, "Plugin-License-Name")).isEqualTo("MIT License");
        assertThat(value(manifest, "Plugin-License-Url")).isEqualTo("https://opensource.org/licenses/MIT");
        assertThat(value(manifest, "Support-Dynamic-Loading")).isEqualTo("true");
    }

    @Test
    public void theLibraryCarriesTheSameManifest() throws Exception {
        assertThat(hpi.libraryManifest()).isEqualTo(hpi.manifest());
    }

    @Test
    public void everyPluginDependencyNamesAReleaseAndJunitIsOptional() throws Exception {
        var dependencies = PluginPackage.dependencies(value(hpi.manifest(), "Plugin-Dependencies"));
        assertThat(dependencies.values())
                .allSatisfy(dependency -> assertThat(dependency.version()).matches("[0-9][0-9A-Za-z._-]*"));
        assertThat(dependencies).containsKeys("kubernetes", "kubernetes-client-api", "workflow-step-api");
        assertThat(dependencies.get("junit").optional()).isTrue();
    }

    @Test
    public void theLibrariesWeCompileAgainstAreNotNewerThanThoseThePluginsShip() throws Exception {
        PomFile pom = PomFile.read(Path.of("pom.xml"));
        var dependencies = PluginPackage.dependencies(value(hpi.manifest(), "Plugin-Dependencies"));
        assertThat(dependencies.get("kubernetes-client-api").version())
                .startsWith(pom.property("kubernetes-client.version") + "-");
        assertThat(release(pom.property("jackson.version")))
                .isLessThanOrEqualTo(release(dependencies.get("jackson2-api").version()));
        assertThat(release(pom.dependency("org.yaml", "snakeyaml").version()))
                .isLessThanOrEqualTo(release(dependencies.get("snakeyaml-api").version()));
    }

    @Test
    public void theLibraryHoldsExactlyTheCompiledClasses() throws Exception {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            Set<String> compiled = files.filter(file -> file.toString().endsWith(".class"))
                    .map(file -> CLASSES.relativize(file).toString().replace('\\', '/'))
                    .collect(toSet());
            assertThat(hpi.libraryFiles().stream().filter(file -> file.endsWith(".class")))
                    .containsExactlyInAnyOrderElementsOf(compiled);
        }
    }

    @Test
    public void nothingButOurOwnClassesIsPackaged() {
        assertThat(hpi.classNames()).isNotEmpty().allSatisfy(name -> assertThat(name)
                .startsWith("io.jenkins.plugins.ephemeral."));
        assertThat(hpi.files().stream().filter(file -> file.endsWith(".jar"))).containsExactly(PluginPackage.LIBRARY);
        assertThat(hpi.files()).noneMatch(file -> file.startsWith("WEB-INF/classes/"));
    }

    @Test
    public void noStandInIsPackaged() throws Exception {
        Path standIns = Path.of("src/jenkins-api/java");
        try (Stream<Path> sources = Files.walk(standIns)) {
            Set<String> standInFiles = sources.filter(file -> file.toString().endsWith(".java"))
                    .map(file -> standIns.relativize(file).toString().replace('\\', '/'))
                    .map(file -> file.substring(0, file.length() - ".java".length()))
                    .collect(toSet());
            assertThat(standInFiles).contains("hudson/Extension");
            assertThat(hpi.libraryFiles())
                    .noneMatch(file -> standInFiles.contains(
                            file.replaceAll("(\\$.*)?\\.class$", "").replace('\\', '/')));
        }
    }

    @Test
    public void everyExtensionIsIndexedAndEveryIndexedOneIsThere() {
        Set<String> indexed = new TreeSet<>();
        for (IndexItem<Extension, Object> item : Index.load(Extension.class, Object.class, packaged)) {
            indexed.add(item.memberName() == null ? item.className() : item.className() + "#" + item.memberName());
        }
        Set<String> annotated = new TreeSet<>();
        for (Class<?> type : classes) {
            annotatedElements(type)
                    .filter(element -> element.isAnnotationPresent(Extension.class))
                    .map(element ->
                            element == type ? type.getName() : type.getName() + "#" + ((Member) element).getName())
                    .forEach(annotated::add);
        }
        assertThat(annotated).isNotEmpty();
        assertThat(indexed).isEqualTo(annotated);
    }

    @Test
    public void noExtensionForbidsToLoadThePluginWithoutARestart() {
        for (Class<?> type : classes) {
            assertThat(annotatedElements(type))
                    .noneMatch(element -> element.isAnnotationPresent(Extension.class)
                            && element.getAnnotation(Extension.class).dynamicLoadable() == YesNoMaybe.NO);
        }
    }

    @Test
    public void everySymbolIsIndexedAndEveryIndexedOneIsThere() throws Exception {
        Set<String> indexed = new TreeSet<>();
        for (Class<?> type : org.jvnet.hudson.annotation_indexer.Index.list(Symbol.class, packaged, Class.class)) {
            indexed.add(type.getName());
        }
        Set<String> annotated = classes.stream()
                .filter(type -> type.isAnnotationPresent(Symbol.class))
                .map(Class::getName)
                .collect(toCollection(TreeSet::new));
        assertThat(annotated).isNotEmpty();
        assertThat(indexed).isEqualTo(annotated);
    }

    @Test
    public void everyDataBoundConstructorHasItsParameterNamesInAStaplerFile() throws IOException {
        Set<String> expected = new TreeSet<>();
        for (Class<?> type : classes) {
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                if (constructor.isAnnotationPresent(DataBoundConstructor.class)) {
                    String file = type.getName().replace('.', '/').replace('$', '/') + ".stapler";
                    expected.add(file);
                    assertThat(constructorNames(file)).as(file).isEqualTo(parameterNames(constructor));
                }
            }
        }
        assertThat(expected).isNotEmpty();
        assertThat(hpi.libraryFiles()).containsAll(expected);
    }

    @Test
    public void parameterNamesAreInTheClassFiles() {
        assertThat(classes.stream()
                        .flatMap(type -> Arrays.stream(type.getDeclaredConstructors()))
                        .filter(constructor -> constructor.isAnnotationPresent(DataBoundConstructor.class))
                        .flatMap(constructor -> Arrays.stream(constructor.getParameters())))
                .allMatch(parameter -> parameter.isNamePresent());
    }

    @Test
    public void viewsAndTextsAreInTheLibrary() throws Exception {
        Path resources = Path.of("src/main/resources");
        try (Stream<Path> files = Files.walk(resources)) {
            List<String> sources = files.filter(Files::isRegularFile)
                    .map(file -> resources.relativize(file).toString().replace('\\', '/'))
                    .toList();
            assertThat(sources).contains("index.jelly");
            assertThat(hpi.libraryFiles()).containsAll(sources);
        }
    }

    @Test
    public void webappFilesAndTheLicenceAreAtTheRoot() throws Exception {
        assertThat(hpi.files()).contains("META-INF/LICENSE");
        Path webapp = Path.of("src/main/webapp");
        if (Files.isDirectory(webapp)) {
            try (Stream<Path> files = Files.walk(webapp)) {
                assertThat(hpi.files())
                        .containsAll(files.filter(Files::isRegularFile)
                                .map(file -> webapp.relativize(file).toString().replace('\\', '/'))
                                .toList());
            }
        }
    }

    private static String value(Attributes manifest, String name) {
        return manifest.getValue(name);
    }

    private static Stream<AnnotatedElement> annotatedElements(Class<?> type) {
        return Stream.of(
                        Stream.of(type),
                        Arrays.stream(type.getDeclaredMethods()),
                        Arrays.stream(type.getDeclaredFields()))
                .flatMap(elements -> elements);
    }

    private static List<String> constructorNames(String staplerFile) throws IOException {
        byte[] content = hpi.libraryFile(staplerFile);
        assertThat(content).as(staplerFile + " in the library").isNotNull();
        Properties properties = new Properties();
        properties.load(new java.io.ByteArrayInputStream(content));
        String names = properties.getProperty("constructor");
        return names.isEmpty()
                ? List.of()
                : Arrays.stream(names.split(",")).map(String::trim).toList();
    }

    private static List<String> parameterNames(Constructor<?> constructor) {
        return Arrays.stream(constructor.getParameters())
                .map(parameter -> parameter.getName())
                .toList();
    }

    /** The first two numbers of a version, comparable: libraries keep what they promise within a minor release. */
    private static int release(String version) {
        String[] parts = version.split("[.-]");
        return Integer.parseInt(parts[0]) * 1000 + Integer.parseInt(parts[1]);
    }
}
