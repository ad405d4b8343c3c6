package io.jenkins.plugins.ephemeral.build;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The parts of a {@code pom.xml} that the two builds have to agree on, as written, without Maven's inheritance. */
final class PomFile {
    private final Element project;

    private PomFile(Element project) {
        this.project = project;
    }

    /**
     * @param file a POM
     * @return it, read
     * @throws Exception when it is no XML
     */
    static PomFile read(Path file) throws Exception {
        return new PomFile(DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file.toFile())
                .getDocumentElement());
    }

    /**
     * @param name a direct child of {@code <project>}
     * @return its text, properties filled in
     */
    String text(String name) {
        return text(project, name);
    }

    /**
     * @param name the name of a property
     * @return its value, other properties filled in
     */
    String property(String name) {
        String value = text(child(project, "properties"), name);
        if (value == null) {
            throw new IllegalArgumentException("no property " + name);
        }
        return value;
    }

    /** @return the direct dependencies, in the order of the file; versions are null where a BOM decides */
    List<Dependency> dependencies() {
        List<Dependency> dependencies = new ArrayList<>();
        for (Element element : children(child(project, "dependencies"), "dependency")) {
            String scope = text(element, "scope");
            dependencies.add(new Dependency(
                    text(element, "groupId"),
                    text(element, "artifactId"),
                    text(element, "version"),
                    scope == null ? "compile" : scope,
                    "true".equals(text(element, "optional"))));
        }
        return dependencies;
    }

    /** @return the dependency of these coordinates */
    Dependency dependency(String groupId, String artifactId) {
        return dependencies().stream()
                .filter(dependency -> dependency.groupId().equals(groupId)
                        && dependency.artifactId().equals(artifactId))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no dependency " + groupId + ":" + artifactId));
    }

    /** One {@code <dependency>}. */
    record Dependency(String groupId, String artifactId, String version, String scope, boolean optional) {}

    private String text(Element parent, String name) {
        Element element = child(parent, name);
        if (element == null) {
            return null;
        }
        String text = element.getTextContent().trim();
        int start = text.indexOf("${");
        while (start >= 0) {
            int end = text.indexOf('}', start);
            String property = text.substring(start + 2, end);
            text = text.substring(0, start) + property(property) + text.substring(end + 1);
            start = text.indexOf("${");
        }
        return text;
    }

    private static Element child(Element parent, String name) {
        List<Element> children = children(parent, name);
        return children.isEmpty() ? null : children.get(0);
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> children = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element && element.getTagName().equals(name)) {
                children.add(element);
            }
        }
        return children;
    }
}
