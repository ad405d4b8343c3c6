package hudson;

import hudson.model.TaskListener;

/** Stand-in: starts processes; nothing of ours does. */
public abstract class Launcher {
    protected final TaskListener listener;

    private Launcher(TaskListener listener) {
        this.listener = listener;
    }

    /** Stand-in: on this machine. */
    public static class LocalLauncher extends Launcher {
        public LocalLauncher(TaskListener listener) {
            super(listener);
        }
    }
}
