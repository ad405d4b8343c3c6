package io.jenkins.plugins.ephemeral.build;

import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.xml.sax.InputSource;

/** A form and the class behind it agree: fields, properties, choices and help. */
final class FormRules {
    private static final Set<String> WITH_CHOICES = Set.of("select", "combobox");
    private static final Set<String> FORM_TAGLIBS = Set.of("/lib/form", "/lib/credentials");

    /** Reasons by {@code class.property}, for what a form leaves out on purpose. */
    private final Map<String, String> hidden = new HashMap<>();

    /** @param rows class, property, reason */
    FormRules(List<String[]> rows) {
        for (String[] row : rows) {
            if (row.length < 3 || row[2].isBlank()) {
                throw new IllegalArgumentException(row[0] + "." + row[1] + " is hidden without a reason");
            }
            hidden.put(row[0] + "." + row[1], row[2]);
        }
    }

    /** What is wrong with one element of a form. */
    List<String> fieldProblems(JellyView view, Class<?> owner, JellyElement element) {
        if (!FORM_TAGLIBS.contains(element.uri())) {
            return List.of();
        }
        String field = element.attributes().get("field");
        if (field == null) {
            return controlProblems(owner, element);
        }
        List<String> problems = new ArrayList<>();
        if (element.ancestors().anyMatch(outer -> outer.is("/lib/form", "repeatable"))) {
            return List.of(
                    "field " + field + " in <repeatable>: give the elements a config.jelly and use repeatableProperty");
        }
        Method getter = BoundProperties.getter(owner, field);
        if (getter == null) {
            problems.add("field " + field + " is not filled again: " + owner.getName() + " has no getter for it");
        }
        if (!new BoundProperties(owner).settable().contains(field)) {
            problems.add(
                    "field " + field + " is lost: neither constructor nor setter of " + owner.getName() + " takes it");
        }
        if (!hasHelp(view.directory(), owner, field)) {
            problems.add("field " + field + " has no help-" + field + ".html");
        }
        problems.addAll(controlProblems(owner, element));
        return problems;
    }

    /** A control in an entry takes the entry's field. */
    private static List<String> controlProblems(Class<?> owner, JellyElement control) {
        String field = control.attributes().get("field");
        if (field == null) {
            field = control.ancestors()
                    .filter(outer -> outer.attributes().containsKey("field"))
                    .map(outer -> outer.attributes().get("field"))
                    .findFirst()
                    .orElse(null);
        }
        if (field == null) {
            return List.of();
        }
        List<String> problems = new ArrayList<>();
        Method getter = BoundProperties.getter(owner, field);
        boolean secret = getter != null && getter.getReturnType().getName().equals("hudson.util.Secret");
        if (control.name().equals("password") && !secret) {
            problems.add("field " + field + " is a password, but its property no Secret: it is in the page's source");
        }
        if (WITH_CHOICES.contains(control.name()) && control.children().isEmpty() && !fills(owner, field)) {
            problems.add(
                    "field " + field + " has no choices: the descriptor has no doFill" + capitalized(field) + "Items");
        }
        return problems;
    }

    /** What is wrong with a help text. */
    List<String> helpProblems(Path resources, Path file) throws IOException {
        String where = resources.relativize(file) + ": ";
        List<String> problems = new ArrayList<>();
        String text = Files.readString(file);
        String name = file.getFileName().toString().replaceAll("^help-?|\\.html$", "");
        try {
            Class<?> owner = JellyView.owner(resources, file.getParent());
            if (!name.isEmpty() && !new BoundProperties(owner).settable().contains(name)) {
                problems.add(where + owner.getName() + " has no property " + name);
            }
        } catch (ClassNotFoundException e) {
            problems.add(where + e.getMessage());
        }
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null);
            var elements =
                    builder.parse(new InputSource(new StringReader(text))).getDocumentElement();
            if (elements.getTextContent().isBlank()) {
                problems.add(where + "says nothing");
            }
        } catch (Exception e) {
            problems.add(where + "not well-formed: " + e.getMessage());
        }
        if (text.toLowerCase(Locale.ROOT).matches("(?s).*(<script|<style|\\son[a-z]+\\s*=|javascript:).*")) {
            problems.add(where + "holds a script or a style");
        }
        return problems;
    }

    /**
     * @param types the plugin's classes
     * @param resources the resource directory
     * @return the bound types without a form and the bound properties that their form does not offer
     */
    List<String> missing(List<Class<?>> types, Path resources) throws Exception {
        List<String> problems = new ArrayList<>();
        Set<String> unused = new HashSet<>(hidden.keySet());
        for (Class<?> type : types) {
            BoundProperties properties = new BoundProperties(type);
            boolean configured = properties.isBound() || BoundProperties.isA(type, "jenkins.model.GlobalConfiguration");
            if (!configured || !BoundProperties.isA(type, "hudson.model.Describable")) {
                continue;
            }
            Set<String> offered = fieldsOf(type, resources);
            for (String property : properties.settable()) {
                String key = type.getSimpleName() + "." + property;
                unused.remove(key);
                if (!offered.contains(property) && !hidden.containsKey(key)) {
                    problems.add(key + " is in no form and not in hidden-properties.tsv");
                } else if (offered.contains(property) && hidden.containsKey(key)) {
                    problems.add(key + " is in hidden-properties.tsv and in the form");
                }
            }
            if (offered.isEmpty() && !hasForm(type, resources)) {
                problems.add(type.getName() + " has no config.jelly");
            }
        }
        unused.forEach(key -> problems.add(key + " is in hidden-properties.tsv, but there is no such property"));
        return problems;
    }

    private static Set<String> fieldsOf(Class<?> type, Path resources) throws Exception {
        Set<String> fields = new HashSet<>();
        for (Class<?> holder = type; holder != null; holder = holder.getSuperclass()) {
            Path form = resources.resolve(directoryOf(holder)).resolve("config.jelly");
            if (Files.isRegularFile(form)) {
                JellyView.parse(resources, form)
                        .root()
                        .all()
                        .filter(element -> element.uri().equals("/lib/form"))
                        .filter(element -> element.attributes().containsKey("field"))
                        .forEach(element -> fields.add(element.attributes().get("field")));
            }
        }
        return fields;
    }

    private static boolean hasForm(Class<?> type, Path resources) {
        for (Class<?> holder = type; holder != null; holder = holder.getSuperclass()) {
            if (Files.isRegularFile(resources.resolve(directoryOf(holder)).resolve("config.jelly"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasHelp(Path directory, Class<?> owner, String field) {
        Path resources = directory;
        for (int i = 0; i < Path.of(directoryOf(owner)).getNameCount(); i++) {
            resources = resources.getParent();
        }
        for (Class<?> holder = owner; holder != null; holder = holder.getSuperclass()) {
            if (Files.isRegularFile(resources.resolve(directoryOf(holder)).resolve("help-" + field + ".html"))) {
                return true;
            }
        }
        return false;
    }

    private static String directoryOf(Class<?> type) {
        return type.getName().replace('.', '/').replace('$', '/');
    }

    private static boolean fills(Class<?> owner, String field) {
        Class<?> descriptor = BoundProperties.descriptorOf(owner);
        return descriptor != null
                && Arrays.stream(descriptor.getMethods())
                        .anyMatch(method -> method.getName().equals("doFill" + capitalized(field) + "Items"));
    }

    private static String capitalized(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
