package hudson.model;

import java.io.IOException;
import java.util.logging.Level;

/** Stand-in: periodic work in a thread of its own. */
public abstract class AsyncPeriodicWork extends PeriodicWork {
    public final String name;
    private Thread thread;

    protected AsyncPeriodicWork(String name) {
        this.name = name;
    }

    @Override
    public final synchronized void doRun() {
        if (thread != null && thread.isAlive()) {
            return;
        }
        thread = new Thread(
                () -> {
                    try {
                        execute(TaskListener.NULL);
                    } catch (IOException | RuntimeException e) {
                        logger.log(Level.WARNING, name + " failed", e);
                    } catch (InterruptedException e) {
                        logger.log(Level.INFO, name + " was interrupted", e);
                    }
                },
                name + " thread");
        thread.setDaemon(true);
        thread.start();
    }

    protected abstract void execute(TaskListener listener) throws IOException, InterruptedException;
}
