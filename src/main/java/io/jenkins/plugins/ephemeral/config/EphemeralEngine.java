package io.jenkins.plugins.ephemeral.config;

import hudson.init.InitMilestone;
import hudson.init.Initializer;
import hudson.init.TermMilestone;
import hudson.init.Terminator;
import hudson.model.Run;
import io.jenkins.plugins.ephemeral.engine.Engine;
import io.jenkins.plugins.ephemeral.engine.Settings;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.file.Path;
import jenkins.model.Jenkins;

/**
 * The one engine of this Jenkins, from the time when its configuration is loaded until it shuts down. Started also when
 * no build is there: environments of earlier lives have to be taken away.
 */
public final class EphemeralEngine {
    private static EphemeralEngine instance;

    private final Jenkins jenkins;
    private final Settings settings;
    private final Engine engine;

    private EphemeralEngine(Jenkins jenkins) {
        this.jenkins = jenkins;
        settings = new JenkinsSettings(jenkins);
        Path home = jenkins.getRootDir().toPath().resolve("ephemeral-environments");
        engine = new Engine(settings, home, new Outside());
        engine.start();
    }

    /**
     * The engine, started if it is not. No I/O on the network. While Jenkins goes down it is the one that was stopped,
     * which does nothing more: another one would begin what nobody ends.
     */
    public static synchronized EphemeralEngine get() {
        Jenkins now = Jenkins.getInstanceOrNull();
        boolean going = now == null || now.isTerminating();
        if (instance == null || instance.jenkins != now && !going) {
            instance = new EphemeralEngine(Jenkins.get());
        }
        return instance;
    }

    /** Starts the engine with Jenkins, which starts also when that fails: the next use tries again. */
    @Initializer(after = InitMilestone.JOB_CONFIG_ADAPTED, before = InitMilestone.COMPLETED, fatal = false)
    public static void start() {
        get();
    }

    /** Stops the engine with Jenkins; what is under way is found again at the next start. */
    @Terminator(after = TermMilestone.STARTED)
    public static synchronized void stop() {
        if (instance != null) {
            instance.engine.close();
            ConnectionAccess.closeAll();
        }
    }

    /** Its rooms. */
    public Engine engine() {
        return engine;
    }

    /** What it is configured with. */
    public Settings settings() {
        return settings;
    }

    /** What runs its reconcilers. */
    public Driver driver() {
        return engine.driver();
    }

    /** The identity of a build. */
    public RunRef runRef(Run<?, ?> run) {
        String root = Jenkins.get().getRootUrl();
        return new RunRef(
                settings.controllerId(),
                run.getParent().getFullName(),
                run.getNumber(),
                root == null ? "" : root + run.getUrl());
    }
}
