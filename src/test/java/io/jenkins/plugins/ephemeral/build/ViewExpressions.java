package io.jenkins.plugins.ephemeral.build;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the JEXL expressions of a view and follows each path that it knows the type of: a misspelt property is just empty. */
final class ViewExpressions {
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([^}]*)\\}");
    private static final Pattern PATH =
            Pattern.compile("(?<![\\w.])([A-Za-z_]\\w*)((?:\\.[A-Za-z_]\\w*(?:\\(\\))?)*\\(?)");
    private static final Pattern SEGMENT = Pattern.compile("\\.([A-Za-z_]\\w*)(\\()?");

    /** Words of the language, and what Jenkins puts into every view. */
    private static final Set<String> GLOBAL = Set.of(
            "empty",
            "size",
            "true",
            "false",
            "null",
            "and",
            "or",
            "not",
            "eq",
            "ne",
            "lt",
            "gt",
            "le",
            "ge",
            "div",
            "mod",
            "h",
            "app",
            "rootURL",
            "resURL",
            "imagesURL",
            "request2",
            "response2",
            "context",
            "attrs",
            "action",
            "from");

    private final Map<String, Type> variables = new HashMap<>();

    /**
     * @param name a variable of the view
     * @param type what it holds; null if that is not known here
     */
    void define(String name, Type type) {
        variables.put(name, type);
    }

    /**
     * @param element an element in document order: what it defines is known from then on
     * @return what is wrong with the expressions in its attributes and text
     */
    List<String> problems(JellyElement element) {
        List<String> problems = new ArrayList<>();
        for (String value : element.attributes().values()) {
            problems.addAll(problemsIn(value));
        }
        if (element.is("jelly:core", "forEach") || element.is("jelly:core", "set")) {
            define(element);
        } else if (element.uri().startsWith("jelly:") && element.attributes().containsKey("var")) {
            define(element.attributes().get("var"), null);
        }
        problems.addAll(problemsIn(element.text()));
        return problems;
    }

    private void define(JellyElement element) {
        boolean loop = element.name().equals("forEach");
        String source = element.attributes().getOrDefault(loop ? "items" : "value", "");
        Matcher whole = EXPRESSION.matcher(source);
        Type type = null;
        if (whole.matches() && PATH.matcher(whole.group(1)).matches()) {
            Matcher path = PATH.matcher(whole.group(1));
            path.matches();
            type = follow(path.group(1), path.group(2), new ArrayList<>());
        }
        Map<String, String> attributes = element.attributes();
        if (attributes.containsKey("var")) {
            define(attributes.get("var"), loop ? elementType(type) : type);
        }
        for (String counter : List.of("varStatus", "indexVar")) {
            if (attributes.containsKey(counter)) {
                define(attributes.get(counter), null);
            }
        }
    }

    private List<String> problemsIn(String value) {
        List<String> problems = new ArrayList<>();
        Matcher expressions = EXPRESSION.matcher(value);
        while (expressions.find()) {
            String expression = expressions.group(1).replaceAll("'[^']*'|\"[^\"]*\"", " ");
            if (expression.startsWith("%")) {
                int arguments = expression.indexOf('(');
                expression = arguments < 0 ? "" : expression.substring(arguments);
            }
            Matcher paths = PATH.matcher(expression);
            while (paths.find()) {
                follow(paths.group(1), paths.group(2), problems);
            }
        }
        return problems;
    }

    /** @return the type of a path, null where it is not known */
    private Type follow(String variable, String rest, List<String> problems) {
        if (!variables.containsKey(variable)) {
            if (!GLOBAL.contains(variable)) {
                problems.add("no variable " + variable + " in this view");
            }
            return null;
        }
        Type type = variables.get(variable);
        String path = variable;
        Matcher segments = SEGMENT.matcher(rest);
        while (segments.find()) {
            Class<?> holder = raw(type);
            if (holder == null || Map.class.isAssignableFrom(holder) || holder == Object.class) {
                return null;
            }
            String name = segments.group(1);
            boolean call = segments.group(2) != null;
            Method method = call ? method(holder, name) : BoundProperties.getter(holder, name);
            if (method == null) {
                problems.add(path + " (" + holder.getName() + ") has no " + (call ? "method " : "property ") + name);
                return null;
            }
            if (!Modifier.isPublic(holder.getModifiers()) && holder == method.getDeclaringClass()) {
                problems.add(holder.getName() + " is not public, so that " + path + "." + name + " cannot be read");
            }
            path += "." + name;
            type = method.getGenericReturnType();
        }
        return type;
    }

    private static Method method(Class<?> type, String name) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.getName().equals(name) && !method.isBridge())
                .findFirst()
                .orElse(null);
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class<?> plain) {
            return plain;
        }
        if (type instanceof ParameterizedType generic) {
            return raw(generic.getRawType());
        }
        return type instanceof WildcardType wildcard ? raw(wildcard.getUpperBounds()[0]) : null;
    }

    private static Type elementType(Type type) {
        if (type instanceof Class<?> plain && plain.isArray()) {
            return plain.getComponentType();
        }
        boolean collection = raw(type) != null && Iterable.class.isAssignableFrom(raw(type));
        return collection && type instanceof ParameterizedType generic && generic.getActualTypeArguments().length == 1
                ? generic.getActualTypeArguments()[0]
                : null;
    }
}
