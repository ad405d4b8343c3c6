package io.jenkins.plugins.ephemeral.build;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.Spliterator;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.stream.BaseStream;

/**
 * Walks the fields of what Jenkins saves and names what would not come back: the program of a Pipeline is written by JBoss
 * Marshalling, actions and configuration by XStream, and both fail, some only at the next start, on types that Java serialization
 * itself takes.
 */
final class PersistedTypes {
    private static final String OURS = "io.jenkins.plugins.ephemeral.";

    /** Jenkins types whose subclasses it saves. A descriptor with configuration is a global configuration here. */
    private static final List<String> SAVED = List.of(
            "org.jenkinsci.plugins.workflow.steps.StepExecution",
            "org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback",
            "hudson.model.Action",
            "hudson.model.Describable",
            "hudson.model.Descriptor",
            "hudson.model.JobProperty",
            "hudson.model.Saveable",
            "hudson.model.Cause",
            "jenkins.model.CauseOfInterruption");

    private static final List<String> SAVED_BY_US = List.of(OURS + "environment.EnvironmentRecord");

    /** Saved with the program of a Pipeline, which takes {@link Serializable} types alone. */
    private static final List<String> MARSHALLED = SAVED.subList(0, 2);

    /** What Pipeline itself hands out to be kept in a saved execution, though by its kind it looks unfit. */
    private static final List<String> KEPT_BY_PIPELINE = List.of(
            "org.jenkinsci.plugins.workflow.steps.BodyExecution", "org.jenkinsci.plugins.workflow.steps.StepContext");

    private static final List<Class<?>> UNFIT = List.of(
            Record.class,
            Optional.class,
            OptionalInt.class,
            OptionalLong.class,
            OptionalDouble.class,
            Iterator.class,
            Spliterator.class,
            BaseStream.class,
            Thread.class,
            Executor.class,
            Future.class,
            Lock.class,
            AutoCloseable.class,
            java.nio.file.Path.class);

    private final Set<Class<?>> ours = new LinkedHashSet<>();

    /** @param main the plugin's classes: what a field of an interface or base class of ours can hold is looked for in them */
    PersistedTypes(JavaClasses main) {
        for (JavaClass type : main) {
            if (!type.getName().endsWith(".package-info")) {
                ours.add(type.reflect());
            }
        }
    }

    /** @return the plugin's classes that are saved by Jenkins or as files of the plugin's own */
    Set<Class<?>> roots() {
        Set<Class<?>> roots = new LinkedHashSet<>();
        for (Class<?> type : ours) {
            if (SAVED_BY_US.contains(type.getName()) || isA(type, SAVED)) {
                roots.add(type);
            }
        }
        return roots;
    }

    /**
     * @param root a type that is saved
     * @return a sentence for each field reachable from it that would not come back
     */
    Set<String> problems(Class<?> root) {
        Set<String> problems = new TreeSet<>();
        walk(root, root.getSimpleName(), isA(root, MARSHALLED), new HashSet<>(), problems);
        return problems;
    }

    private void walk(Class<?> type, String path, boolean marshalled, Set<Class<?>> seen, Set<String> problems) {
        if (!seen.add(type)) {
            return;
        }
        String reason = unfit(type);
        if (reason != null) {
            problems.add(path + ": " + type.getName() + " is " + reason);
            return;
        }
        if (!type.getName().startsWith(OURS)) {
            return;
        }
        if (marshalled && !type.isInterface() && !type.isEnum() && !Serializable.class.isAssignableFrom(type)) {
            problems.add(path + ": " + type.getName() + " is not Serializable");
        }
        for (Class<?> holder = type;
                holder != null && holder.getName().startsWith(OURS);
                holder = holder.getSuperclass()) {
            for (Field field : holder.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())) {
                    walkType(field.getGenericType(), path + "." + field.getName(), marshalled, seen, problems);
                }
            }
        }
        for (Class<?> other : ours) {
            if (other != type && type.isAssignableFrom(other)) {
                walk(other, path + "(" + other.getSimpleName() + ")", marshalled, seen, problems);
            }
        }
    }

    private void walkType(Type type, String path, boolean marshalled, Set<Class<?>> seen, Set<String> problems) {
        if (type instanceof Class<?> raw) {
            Class<?> element = raw;
            while (element.isArray()) {
                element = element.getComponentType();
            }
            walk(element, path, marshalled, seen, problems);
        } else if (type instanceof ParameterizedType generic) {
            walkType(generic.getRawType(), path, marshalled, seen, problems);
            walkAll(generic.getActualTypeArguments(), path, marshalled, seen, problems);
        } else if (type instanceof GenericArrayType array) {
            walkType(array.getGenericComponentType(), path, marshalled, seen, problems);
        } else if (type instanceof WildcardType wildcard) {
            walkAll(wildcard.getUpperBounds(), path, marshalled, seen, problems);
        } else if (type instanceof TypeVariable<?> variable) {
            walkAll(variable.getBounds(), path, marshalled, seen, problems);
        }
    }

    private void walkAll(Type[] types, String path, boolean marshalled, Set<Class<?>> seen, Set<String> problems) {
        for (Type type : types) {
            walkType(type, path, marshalled, seen, problems);
        }
    }

    private static String unfit(Class<?> type) {
        if (KEPT_BY_PIPELINE.contains(type.getName())) {
            return null;
        }
        for (Class<?> unfit : UNFIT) {
            if (unfit.isAssignableFrom(type)) {
                return "a " + unfit.getSimpleName();
            }
        }
        if (type.getName().startsWith("io.fabric8.")) {
            return "a type of the Kubernetes client, which changes with its plugin";
        }
        return isFunctional(type) ? "a functional interface: a lambda would be saved" : null;
    }

    /** {@link Comparable} and the like are for being implemented by named types; ours with one method invite a lambda. */
    private static boolean isFunctional(Class<?> type) {
        if (!type.isInterface()) {
            return false;
        }
        if (type.isAnnotationPresent(FunctionalInterface.class)) {
            return true;
        }
        return type.getName().startsWith(OURS)
                && Arrays.stream(type.getMethods())
                                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                                .map(Method::getName)
                                .distinct()
                                .count()
                        == 1;
    }

    private static boolean isA(Class<?> type, List<String> names) {
        if (type == null) {
            return false;
        }
        return names.contains(type.getName())
                || isA(type.getSuperclass(), names)
                || Arrays.stream(type.getInterfaces()).anyMatch(parent -> isA(parent, names));
    }
}
