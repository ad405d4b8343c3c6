package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.ExtensionList;
import hudson.model.Descriptor;
import hudson.model.TaskListener;
import java.io.Serializable;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.codehaus.groovy.reflection.ReflectionCache;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/**
 * Makes an object from named arguments through its {@code @DataBoundConstructor} and {@code @DataBoundSetter}s, coercing
 * what Jenkins coerces and nothing else.
 */
final class DataBinding {
    static final String ANONYMOUS = "<anonymous>";
    private static final String CLAZZ = "$class";
    private final Class<?> type;
    private final Constructor<?> constructor;
    private final Map<String, Method> setters = new LinkedHashMap<>();
    private final Map<String, Type> parameters = new LinkedHashMap<>();

    /** An object that was named by its symbol; what it is depends on where it is used. */
    static final class Uninstantiated implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String symbol;
        private final LinkedHashMap<String, Object> arguments;

        Uninstantiated(String symbol, Map<String, Object> arguments) {
            this.symbol = symbol;
            this.arguments = new LinkedHashMap<>(arguments);
        }

        @Override
        public String toString() {
            return "@" + symbol + arguments;
        }
    }

    private DataBinding(Class<?> type) {
        this.type = type;
        this.constructor = Arrays.stream(type.getConstructors())
                .filter(c -> c.isAnnotationPresent(DataBoundConstructor.class))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(type + " has no public @DataBoundConstructor"));
        for (Parameter p : constructor.getParameters()) {
            parameters.put(p.getName(), p.getParameterizedType());
        }
        for (Method m : type.getMethods()) {
            if (m.isAnnotationPresent(DataBoundSetter.class) && m.getName().startsWith("set")) {
                String name = Character.toLowerCase(m.getName().charAt(3))
                        + m.getName().substring(4);
                setters.put(name, m);
                parameters.put(name, m.getGenericParameterTypes()[0]);
            }
        }
    }

    static DataBinding of(Class<?> type) {
        return new DataBinding(type);
    }

    static boolean hasSymbol(String symbol) {
        return ExtensionList.lookup(Descriptor.class).stream().anyMatch(d -> isNamed(d, symbol));
    }

    private static boolean isNamed(Descriptor<?> d, String symbol) {
        Symbol s = d.getClass().getAnnotation(Symbol.class);
        return s != null && Arrays.asList(s.value()).contains(symbol);
    }

    TreeSet<String> parameterNames() {
        return new TreeSet<>(parameters.keySet());
    }

    /** The parameter that an unnamed argument is for, or null. */
    String soleArgument() {
        return constructor.getParameterCount() == 1 ? constructor.getParameters()[0].getName() : null;
    }

    boolean hasOneParameterOnly() {
        return constructor.getParameterCount() == 1 && setters.isEmpty();
    }

    Object instantiate(Map<String, ?> given, TaskListener listener) {
        Map<String, Object> arguments = new LinkedHashMap<>(given);
        try {
            if (arguments.containsKey(ANONYMOUS)) {
                if (soleArgument() == null) {
                    throw new IllegalArgumentException("Arguments to " + type + " have to be explicitly named");
                }
                arguments.put(soleArgument(), arguments.remove(ANONYMOUS));
            }
            TreeSet<String> unknown = new TreeSet<>(arguments.keySet());
            unknown.removeAll(parameters.keySet());
            if (!unknown.isEmpty()) {
                listener.getLogger()
                        .println("WARNING: Unknown parameter(s) found for class type '" + type.getName() + "': "
                                + String.join(",", unknown));
            }
            List<Object> values = new ArrayList<>();
            for (Parameter p : constructor.getParameters()) {
                Object value = arguments.get(p.getName());
                values.add(
                        value == null && p.getType().isPrimitive()
                                ? Array.get(Array.newInstance(p.getType(), 1), 0)
                                : coerce(p.getName(), p.getParameterizedType(), value, listener));
            }
            Object o = constructor.newInstance(values.toArray());
            for (Map.Entry<String, Method> s : setters.entrySet()) {
                if (arguments.containsKey(s.getKey())) {
                    Type wanted = parameters.get(s.getKey());
                    s.getValue().invoke(o, coerce(s.getKey(), wanted, arguments.get(s.getKey()), listener));
                }
            }
            return o;
        } catch (Exception e) {
            throw new IllegalArgumentException(
                    "Could not instantiate " + given + " for " + type.getName() + ": " + e, e);
        }
    }

    private Object coerce(String name, Type wanted, Object given, TaskListener listener) throws Exception {
        Class<?> erased = erasure(wanted);
        Object o = given;
        if (o == null) {
            return null;
        }
        if (wanted instanceof Class) {
            try {
                o = ReflectionCache.getCachedClass(erased).coerceArgument(o);
            } catch (ClassCastException e) {
                throw mismatch(name, wanted, given);
            }
        }
        if (o instanceof List<?> list && (erased.isArray() || Collection.class.isAssignableFrom(erased))) {
            Type element = erased.isArray() ? erased.getComponentType() : elementType(wanted);
            List<Object> all = new ArrayList<>();
            for (Object each : list) {
                all.add(coerce(name, element, each, listener));
            }
            return erased.isArray()
                    ? all.toArray((Object[]) Array.newInstance(erased.getComponentType(), all.size()))
                    : all;
        }
        if (box(erased).isInstance(o)) {
            return o;
        }
        if (o instanceof Uninstantiated u) {
            return of(bySymbol(erased, u.symbol)).instantiate(u.arguments, listener);
        }
        if (o instanceof Map<?, ?> map) {
            Map<String, Object> nested = new LinkedHashMap<>();
            map.forEach((k, v) -> nested.put((String) k, v));
            return of(byClassName(erased, (String) nested.remove(CLAZZ))).instantiate(nested, listener);
        }
        if (o instanceof String text && erased.isEnum()) {
            return Arrays.stream(erased.getEnumConstants())
                    .filter(e -> ((Enum<?>) e).name().equals(text))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException("No enum constant " + erased.getCanonicalName() + "." + text));
        }
        throw mismatch(name, wanted, o);
    }

    private ClassCastException mismatch(String name, Type wanted, Object given) {
        return new ClassCastException(
                type.getName() + "." + name + " expects " + wanted + " but received " + given.getClass());
    }

    private static Class<?> bySymbol(Class<?> base, String symbol) {
        for (Descriptor<?> d : ExtensionList.lookup(Descriptor.class)) {
            if (base.isAssignableFrom(d.clazz) && isNamed(d, symbol)) {
                return d.clazz;
            }
        }
        throw new UnsupportedOperationException("Undefined symbol \u2018" + symbol + "\u2019");
    }

    private static Class<?> byClassName(Class<?> base, String name) throws ClassNotFoundException {
        if (name == null) {
            if (Modifier.isAbstract(base.getModifiers())) {
                throw new UnsupportedOperationException("must specify $class with an implementation of " + base);
            }
            return base;
        }
        if (name.contains(".")) {
            return Class.forName(name, true, Thread.currentThread().getContextClassLoader());
        }
        for (Descriptor<?> d : ExtensionList.lookup(Descriptor.class)) {
            if (base.isAssignableFrom(d.clazz) && d.clazz.getSimpleName().equals(name)) {
                return d.clazz;
            }
        }
        throw new UnsupportedOperationException("no known implementation of " + base + " is named " + name);
    }

    private static Type elementType(Type collection) {
        Type element = collection instanceof ParameterizedType p ? p.getActualTypeArguments()[0] : Object.class;
        return element instanceof WildcardType w ? w.getUpperBounds()[0] : element;
    }

    private static Class<?> erasure(Type t) {
        return t instanceof Class<?> c
                ? c
                : t instanceof ParameterizedType p ? (Class<?>) p.getRawType() : Object.class;
    }

    private static Class<?> box(Class<?> c) {
        return c.isPrimitive() ? Array.get(Array.newInstance(c, 1), 0).getClass() : c;
    }
}
