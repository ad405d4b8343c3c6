package io.jenkins.plugins.ephemeral.build;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** What Jenkins binds a form or a step's parameters to: constructor, setters, and the getters that fill the form again. */
final class BoundProperties {
    private final Class<?> type;

    BoundProperties(Class<?> type) {
        this.type = type;
    }

    /** @return the names of the properties that can be set, inherited ones included */
    Set<String> settable() {
        Set<String> names = new TreeSet<>();
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (constructor.isAnnotationPresent(DataBoundConstructor.class)) {
                Arrays.stream(constructor.getParameters())
                        .map(Parameter::getName)
                        .forEach(names::add);
            }
        }
        for (Class<?> holder = type; holder != null; holder = holder.getSuperclass()) {
            for (Method method : holder.getDeclaredMethods()) {
                if (method.isAnnotationPresent(DataBoundSetter.class) && !method.isBridge()) {
                    names.add(decapitalized(method.getName().substring("set".length())));
                }
            }
            for (Field field : holder.getDeclaredFields()) {
                if (field.isAnnotationPresent(DataBoundSetter.class)) {
                    names.add(field.getName());
                }
            }
        }
        return names;
    }

    /** @return whether the type is bound at all */
    boolean isBound() {
        return !Modifier.isAbstract(type.getModifiers())
                && Arrays.stream(type.getDeclaredConstructors())
                        .anyMatch(constructor -> constructor.isAnnotationPresent(DataBoundConstructor.class));
    }

    /** @return the public getter of a property, null where there is none */
    static Method getter(Class<?> type, String property) {
        if (property.isEmpty()) {
            return null;
        }
        String suffix = property.substring(0, 1).toUpperCase(Locale.ROOT) + property.substring(1);
        for (Method method : type.getMethods()) {
            boolean named =
                    method.getName().equals("get" + suffix) || method.getName().equals("is" + suffix);
            if (named && method.getParameterCount() == 0 && !method.isBridge()) {
                return method;
            }
        }
        return null;
    }

    /** @return the nested descriptor, or the type itself where it is one; null where there is none */
    static Class<?> descriptorOf(Class<?> type) {
        if (isA(type, "hudson.model.Descriptor")) {
            return type;
        }
        for (Class<?> holder = type; holder != null; holder = holder.getSuperclass()) {
            for (Class<?> nested : holder.getDeclaredClasses()) {
                if (isA(nested, "hudson.model.Descriptor") && !Modifier.isAbstract(nested.getModifiers())) {
                    return nested;
                }
            }
        }
        return null;
    }

    /**
     * @param type a class
     * @param name the name of a class or interface
     * @return whether {@code type} is one
     */
    static boolean isA(Class<?> type, String name) {
        return type != null
                && (type.getName().equals(name)
                        || isA(type.getSuperclass(), name)
                        || Arrays.stream(type.getInterfaces()).anyMatch(parent -> isA(parent, name)));
    }

    private static String decapitalized(String name) {
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }
}
