package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;

/** Where the Secrets of environments come from, as far as Jenkins and its administrator have a say in it. */
public interface SecretSources {
    /** No credentials, and no namespace to copy from. */
    SecretSources NONE = new SecretSources() {
        @Override
        public boolean isOpen(String namespace) {
            return false;
        }

        @Override
        public SecretContent credential(RunRef run, SecretSpec spec) {
            throw new UserFault("reading credentials " + spec.credentialsId, "", "there are none", "");
        }
    };

    /** Whether Secrets may be copied from a namespace. No I/O. */
    boolean isOpen(String namespace);

    /**
     * Reads a credential that a build may use, and notes that it was used.
     *
     * @throws UserFault if there is none that the build may use, or it cannot become what is asked for
     */
    SecretContent credential(RunRef run, SecretSpec spec);
}
