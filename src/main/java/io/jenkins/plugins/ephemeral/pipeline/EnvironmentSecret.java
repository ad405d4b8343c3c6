package io.jenkins.plugins.ephemeral.pipeline;

import hudson.model.AbstractDescribableImpl;
import io.jenkins.plugins.ephemeral.environment.SecretSpec;

/** One of the {@code secrets} of {@code ephemeralEnvironment}. */
public abstract class EnvironmentSecret extends AbstractDescribableImpl<EnvironmentSecret> {
    /** What the engine is asked for. */
    abstract SecretSpec spec();
}
