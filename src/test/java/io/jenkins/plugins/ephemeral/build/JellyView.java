package io.jenkins.plugins.ephemeral.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** A Jelly file, parsed: where it is, the class whose view it is, its elements. */
final class JellyView {
    private final Path resources;
    private final Path file;
    private final JellyElement root;
    private final boolean escapes;

    private JellyView(Path resources, Path file, JellyElement root, boolean escapes) {
        this.resources = resources;
        this.file = file;
        this.root = root;
        this.escapes = escapes;
    }

    /**
     * @param resources the resource directory that {@code file} is in
     * @param file a Jelly file
     * @return the view
     * @throws XMLStreamException when it is not well-formed
     */
    static JellyView parse(Path resources, Path file) throws IOException, XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try (InputStream in = Files.newInputStream(file)) {
            XMLStreamReader reader = factory.createXMLStreamReader(in);
            boolean escapes = false;
            JellyElement root = null;
            JellyElement[] path = new JellyElement[256];
            int depth = 0;
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamReader.PROCESSING_INSTRUCTION ->
                        escapes |= root == null
                                && reader.getPITarget().equals("jelly")
                                && reader.getPIData().matches("escape-by-default=['\"]true['\"]\\s*");
                    case XMLStreamReader.START_ELEMENT -> {
                        path[depth + 1] = start(reader, path[depth]);
                        root = root == null ? path[depth + 1] : root;
                        depth++;
                    }
                    case XMLStreamReader.END_ELEMENT -> depth--;
                    case XMLStreamReader.CHARACTERS, XMLStreamReader.CDATA -> path[depth].text(reader.getText());
                    default -> {
                        // comments and white space say nothing here
                    }
                }
            }
            return new JellyView(resources, file, root, escapes);
        }
    }

    private static JellyElement start(XMLStreamReader reader, JellyElement parent) {
        JellyElement element = new JellyElement(
                reader.getNamespaceURI(),
                reader.getLocalName(),
                reader.getLocation().getLineNumber(),
                parent);
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            String prefix = reader.getAttributePrefix(i);
            String name = reader.getAttributeLocalName(i);
            element.attribute(
                    prefix == null || prefix.isEmpty() ? name : prefix + ":" + name, reader.getAttributeValue(i));
        }
        return element;
    }

    JellyElement root() {
        return root;
    }

    /** @return whether the file begins with {@code <?jelly escape-by-default='true'?>} */
    boolean escapes() {
        return escapes;
    }

    String fileName() {
        return file.getFileName().toString();
    }

    /** @return whether this is the form of a describable, bound by the fields it names */
    boolean isForm() {
        return fileName().matches("(config|global|form)(-.*)?\\.jelly");
    }

    /** @return whether this is the plugin's own description, which belongs to no class */
    boolean isPluginDescription() {
        return resources.relativize(file).toString().equals("index.jelly");
    }

    Path directory() {
        return file.getParent();
    }

    /**
     * @param path the path of another resource, from the root
     * @return whether the plugin has it
     */
    boolean hasResource(String path) {
        return Files.isRegularFile(resources.resolve(path));
    }

    /**
     * @return the class whose view this is
     * @throws ClassNotFoundException when the directory is no class of ours
     */
    Class<?> owner() throws ClassNotFoundException {
        return owner(resources, directory());
    }

    /** Views of {@code a.B} lie in {@code a/B/}, those of its nested class {@code C} in {@code a/B/C/}. */
    static Class<?> owner(Path resources, Path directory) throws ClassNotFoundException {
        String name =
                resources.relativize(directory).toString().replace('\\', '/').replace('/', '.');
        ClassLoader loader = JellyView.class.getClassLoader();
        while (true) {
            try {
                return Class.forName(name, false, loader);
            } catch (ClassNotFoundException e) {
                int dot = name.lastIndexOf('.');
                if (dot < 0) {
                    throw new ClassNotFoundException("no class has its views in " + resources.relativize(directory));
                }
                name = name.substring(0, dot) + "$" + name.substring(dot + 1);
            }
        }
    }

    @Override
    public String toString() {
        return resources.relativize(file).toString();
    }
}
