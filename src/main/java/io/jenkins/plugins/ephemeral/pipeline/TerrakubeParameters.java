package io.jenkins.plugins.ephemeral.pipeline;

import io.jenkins.plugins.ephemeral.terrakube.TerrakubeSpec;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.kohsuke.stapler.DataBoundSetter;

/** Reads {@code ephemeralJob} where a Terrakube control plane runs the stage: what describes a Pod has no place there. */
final class TerrakubeParameters {
    private static final Set<String> TAKEN =
            Set.of("name", "type", "after", "decision", "executor", "timeout", "failBuild");

    private TerrakubeParameters() {}

    /** Whether the stage is for a control plane. */
    static boolean areMeant(EphemeralJobStep step) {
        return step.getExecutor() != null || step.getDecision() != null;
    }

    /** @throws IllegalArgumentException if a parameter was given that describes a Pod, naming it */
    static TerrakubeSpec of(EphemeralJobStep step) {
        Set<String> strange = podParameters(step);
        if (!strange.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", strange) + ": "
                    + (step.getDecision() != null ? "with decision" : "with executor: terrakube(...)")
                    + " there is no Pod of ours that this could be about; Terrakube makes its own. Leave it out, and"
                    + " configure the executor in Terrakube.");
        }
        TerrakubeSpec spec = new TerrakubeSpec();
        spec.type = step.getType();
        spec.after = step.getAfter();
        spec.decision = step.getDecision();
        spec.name = StepValues.fixEmpty(step.getName());
        if (spec.name == null && spec.isDecision() && spec.after != null) {
            spec.name = spec.after + '-' + spec.decision;
        }
        String timeout = step.getTimeout();
        if (timeout != null) {
            spec.timeout = StepValues.duration("timeout", timeout);
        }
        TerrakubeExecutor executor = step.getExecutor();
        if (executor != null) {
            executor.describe(spec);
        }
        return spec;
    }

    /** Names of the parameters that differ from what they are when nobody gives them, but those that are taken. */
    private static Set<String> podParameters(EphemeralJobStep step) {
        EphemeralJobStep untouched = new EphemeralJobStep(null, null);
        Set<String> given = new TreeSet<>();
        if (step.getImage() != null && !step.getImage().isBlank()) {
            given.add("image");
        }
        for (Method setter : EphemeralJobStep.class.getMethods()) {
            if (setter.isAnnotationPresent(DataBoundSetter.class)) {
                String suffix = setter.getName().substring("set".length());
                String name = suffix.substring(0, 1).toLowerCase(Locale.ROOT) + suffix.substring(1);
                if (!TAKEN.contains(name) && !Objects.equals(value(step, suffix), value(untouched, suffix))) {
                    given.add(name);
                }
            }
        }
        return given;
    }

    private static Object value(EphemeralJobStep step, String suffix) {
        for (String prefix : new String[] {"get", "is"}) {
            try {
                return EphemeralJobStep.class.getMethod(prefix + suffix).invoke(step);
            } catch (NoSuchMethodException e) {
                continue;
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalStateException("no getter of " + suffix);
    }
}
