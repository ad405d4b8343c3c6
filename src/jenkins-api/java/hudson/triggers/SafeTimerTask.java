package hudson.triggers;

import java.util.TimerTask;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Stand-in: a timer task that survives what it throws. */
public abstract class SafeTimerTask extends TimerTask {
    @Override
    public final void run() {
        try {
            doRun();
        } catch (Throwable t) {
            Logger.getLogger(SafeTimerTask.class.getName()).log(Level.SEVERE, "Timer task " + this + " failed", t);
        }
    }

    protected abstract void doRun() throws Exception;
}
