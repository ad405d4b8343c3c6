package jenkins.model;

import hudson.FilePath;
import hudson.Launcher;
import hudson.model.BuildListener;
import java.io.IOException;
import java.util.Map;

/** Stand-in: keeps the artifacts of one build. */
public abstract class ArtifactManager {
    /** @param artifacts path in the archive to path in the workspace, both with slashes */
    public abstract void archive(
            FilePath workspace, Launcher launcher, BuildListener listener, Map<String, String> artifacts)
            throws IOException, InterruptedException;
}
