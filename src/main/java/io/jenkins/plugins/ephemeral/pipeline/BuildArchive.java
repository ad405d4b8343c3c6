package io.jenkins.plugins.ephemeral.pipeline;

import hudson.FilePath;
import hudson.Launcher;
import hudson.model.TaskListener;
import io.jenkins.plugins.ephemeral.executor.StageArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import jenkins.util.BuildListenerAdapter;

/** Keeps outputs as artifacts of the build, wherever its artifact manager puts those. */
final class BuildArchive implements StageArchive {
    private static final String FOLDER = "ephemeral-outputs";

    private final Surroundings around;

    BuildArchive(Surroundings around) {
        this.around = around;
    }

    @Override
    public String keep(String stage, byte[] tar) throws IOException, InterruptedException {
        TaskListener listener = around.context().get(TaskListener.class);
        // in the build's own folder, so that what a crash leaves goes with the build
        Path folder = Files.createTempDirectory(around.run().getRootDir().toPath(), FOLDER);
        Path file = folder.resolve("outputs.tar");
        String artifact = FOLDER + '/' + stage + ".tar";
        try {
            Files.write(file, tar);
            around.run()
                    .pickArtifactManager()
                    .archive(
                            new FilePath(folder.toFile()),
                            new Launcher.LocalLauncher(listener),
                            new BuildListenerAdapter(listener),
                            Map.of(artifact, "outputs.tar"));
        } catch (RuntimeException e) {
            throw new IOException("the artifact manager failed: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
        return artifact;
    }
}
