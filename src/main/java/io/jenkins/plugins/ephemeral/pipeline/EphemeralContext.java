package io.jenkins.plugins.ephemeral.pipeline;

import hudson.EnvVars;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;

/**
 * What the steps inside {@code ephemeralEnvironment {}} find through their context: the environment, and the variables
 * that they and the program see. Saved with the program.
 */
public final class EphemeralContext implements Serializable {
    private static final long serialVersionUID = 1L;

    private final NamespaceRef environment;
    private final ConcurrentHashMap<String, String> variables = new ConcurrentHashMap<>();

    /** Null in a program that an earlier version saved. */
    private final ArrayList<String> around = new ArrayList<>();

    /**
     * @param urls addresses for people by name, seen as {@code EPHEMERAL_<NAME>_URL}
     * @param outer what the block itself found around it, or null
     */
    EphemeralContext(NamespaceRef environment, Map<String, String> urls, EphemeralContext outer) {
        this.environment = Objects.requireNonNull(environment);
        if (outer != null) {
            around.addAll(outer.around());
            around.add(outer.environment.environment());
        }
        variables.put("EPHEMERAL_NAMESPACE", environment.namespace());
        variables.put("EPHEMERAL_CLUSTER", environment.cluster());
        variables.put("EPHEMERAL_ENVIRONMENT", environment.environment());
        urls.forEach((name, url) -> variables.put("EPHEMERAL_" + upperCase(name) + "_URL", url));
    }

    /** The environment around the step. */
    NamespaceRef environment() {
        return environment;
    }

    /** Environments of the blocks around this one's, outermost first. */
    List<String> around() {
        return around == null ? List.of() : List.copyOf(around);
    }

    /** The variables of the block's body. */
    Map<String, String> variables() {
        return variables;
    }

    /** Makes the outcome of a stage visible to the steps that follow: {@code EPHEMERAL_PLAN_OUTCOME=CHANGES}. */
    void exportOutcome(String stage, String outcome) {
        variables.put(StageName.variable(stage), outcome);
    }

    private static String upperCase(String name) {
        return name.toUpperCase(java.util.Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    /** Adds the variables to the environment of the body's steps. */
    static final class Expander extends EnvironmentExpander {
        private static final long serialVersionUID = 1L;

        private final EphemeralContext context;

        Expander(EphemeralContext context) {
            this.context = context;
        }

        @Override
        public void expand(EnvVars env) {
            env.overrideAll(context.variables);
        }
    }
}
