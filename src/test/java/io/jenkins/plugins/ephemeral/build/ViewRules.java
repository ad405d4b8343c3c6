package io.jenkins.plugins.ephemeral.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamException;

/** What every view has to keep to. A view is found broken only when somebody opens the page: these rules read it before. */
final class ViewRules {
    private final JellyTags tags;
    private final FormRules forms;

    /**
     * @param tags the tags that there are
     * @param forms the rules for forms
     */
    ViewRules(JellyTags tags, FormRules forms) {
        this.tags = tags;
        this.forms = forms;
    }

    /**
     * @param resources a resource directory
     * @return one line for each thing that is wrong with a view or a help text in it, with file and line
     */
    List<String> problems(Path resources) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(resources)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        List<String> problems = new ArrayList<>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(".jelly")) {
                problems.addAll(viewProblems(resources, file));
            } else if (name.matches("help(-.*)?\\.html")) {
                problems.addAll(forms.helpProblems(resources, file));
            } else if (name.endsWith(".groovy")) {
                problems.add(
                        resources.relativize(file) + ": a Groovy view, which nothing reads here: write it in Jelly");
            }
        }
        return problems;
    }

    private List<String> viewProblems(Path resources, Path file) throws IOException {
        List<String> problems = new ArrayList<>();
        try {
            JellyView view = JellyView.parse(resources, file);
            if (!view.escapes()) {
                problems.add(view + ":1: does not begin with <?jelly escape-by-default='true'?>");
            }
            ViewExpressions expressions = new ViewExpressions();
            Class<?> owner = view.isPluginDescription() ? null : view.owner();
            define(expressions, view, owner);
            view.root().all().forEach(element -> {
                List<String> found = new ArrayList<>();
                found.addAll(tagProblems(view, element));
                found.addAll(expressions.problems(element));
                if (view.isForm()) {
                    found.addAll(forms.fieldProblems(view, owner, element));
                }
                found.forEach(problem -> problems.add(view + ":" + element.line() + ": " + problem));
            });
        } catch (XMLStreamException | ClassNotFoundException e) {
            problems.add(resources.relativize(file) + ": " + e.getMessage());
        }
        return problems;
    }

    /** In a form {@code it} is what the form is shown for, which may be anything; elsewhere it is the view's own object. */
    private static void define(ViewExpressions expressions, JellyView view, Class<?> owner) {
        if (owner == null) {
            return;
        }
        if (view.isForm()) {
            expressions.define("instance", owner);
            if (BoundProperties.descriptorOf(owner) != null) {
                expressions.define("descriptor", BoundProperties.descriptorOf(owner));
            }
        } else {
            expressions.define("it", owner);
        }
    }

    private List<String> tagProblems(JellyView view, JellyElement element) {
        List<String> problems = new ArrayList<>();
        if (element.uri().isEmpty()) {
            problems.addAll(htmlProblems(element));
        } else {
            problems.addAll(tags.problems(element));
        }
        for (Map.Entry<String, String> attribute : element.attributes().entrySet()) {
            if (attribute
                    .getValue()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("\\s", "")
                    .contains("javascript:")) {
                problems.add("attribute " + attribute.getKey() + " holds a script");
            }
        }
        if (element.is("jelly:core", "out")) {
            problems.add("<out> writes what it gets without escaping");
        }
        if (element.is("jelly:stapler", "adjunct")) {
            problems.addAll(adjunctProblems(view, element));
        }
        return problems;
    }

    private static List<String> htmlProblems(JellyElement element) {
        List<String> problems = new ArrayList<>();
        String name = element.name().toLowerCase(Locale.ROOT);
        if (name.equals("style") || name.equals("script") && !element.text().isBlank()) {
            problems.add("<" + name + "> inline: a content security policy refuses it; use an adjunct");
        }
        for (String attribute : element.attributes().keySet()) {
            if (attribute.toLowerCase(Locale.ROOT).startsWith("on")) {
                problems.add("handler " + attribute + " inline: a content security policy refuses it; use an adjunct");
            }
        }
        return problems;
    }

    private static List<String> adjunctProblems(JellyView view, JellyElement element) {
        List<String> problems = new ArrayList<>();
        for (String adjunct : element.attributes().getOrDefault("includes", "").split(",")) {
            String path = adjunct.trim().replace('.', '/');
            if (adjunct.trim().startsWith("io.jenkins.plugins.ephemeral")
                    && !view.hasResource(path + ".js")
                    && !view.hasResource(path + ".css")) {
                problems.add("no adjunct " + adjunct.trim() + ": neither " + path + ".js nor .css");
            }
        }
        return problems;
    }
}
