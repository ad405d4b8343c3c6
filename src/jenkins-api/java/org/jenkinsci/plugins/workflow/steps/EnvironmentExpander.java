package org.jenkinsci.plugins.workflow.steps;

import hudson.EnvVars;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Stand-in: variables that a block adds for the steps in it. */
public abstract class EnvironmentExpander implements Serializable {
    private static final long serialVersionUID = 1L;

    public abstract void expand(EnvVars env) throws IOException, InterruptedException;

    public Set<String> getSensitiveVariables() {
        return Set.of();
    }

    /** An expander of fixed values. */
    public static EnvironmentExpander constant(Map<String, String> env) {
        return new Constant(env);
    }

    /** First {@code original} (may be null), then {@code subsequent}. */
    public static EnvironmentExpander merge(EnvironmentExpander original, EnvironmentExpander subsequent) {
        return original == null ? subsequent : new Merged(original, subsequent);
    }

    /** The variables a step sees: the agent's (contextual; null: none), over them the build's, over them the blocks'. */
    public static EnvVars getEffectiveEnvironment(
            EnvVars customEnvironment, EnvVars contextualEnvironment, EnvironmentExpander expander)
            throws IOException, InterruptedException {
        EnvVars env = contextualEnvironment == null ? new EnvVars() : new EnvVars(contextualEnvironment);
        env.overrideAll(customEnvironment);
        if (expander != null) {
            expander.expand(env);
        }
        return env;
    }

    private static final class Constant extends EnvironmentExpander {
        private static final long serialVersionUID = 1L;
        private final HashMap<String, String> values;

        Constant(Map<String, String> values) {
            this.values = new HashMap<>(values);
        }

        @Override
        public void expand(EnvVars env) {
            env.overrideAll(values);
        }
    }

    private static final class Merged extends EnvironmentExpander {
        private static final long serialVersionUID = 1L;
        private final EnvironmentExpander first;
        private final EnvironmentExpander second;

        Merged(EnvironmentExpander first, EnvironmentExpander second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public void expand(EnvVars env) throws IOException, InterruptedException {
            first.expand(env);
            second.expand(env);
        }

        @Override
        public Set<String> getSensitiveVariables() {
            Set<String> all = new TreeSet<>(first.getSensitiveVariables());
            all.addAll(second.getSensitiveVariables());
            return all;
        }
    }
}
