package io.jenkins.plugins.ephemeral.executor;

import java.io.IOException;

/** Where a copy of a stage's outputs is kept with the build, when its step asks for it. */
@FunctionalInterface
public interface StageArchive {
    /**
     * Keeps a copy; one of the same stage is replaced, as it comes again after a restart.
     *
     * @param stage name of the stage
     * @param tar the packed outputs
     * @return where it is, for people
     * @throws IOException if it cannot be kept
     */
    String keep(String stage, byte[] tar) throws IOException, InterruptedException;
}
