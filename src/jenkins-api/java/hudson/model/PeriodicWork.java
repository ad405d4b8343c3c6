package hudson.model;

import hudson.ExtensionList;
import hudson.ExtensionPoint;
import hudson.triggers.SafeTimerTask;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/** Stand-in: run again and again while Jenkins lives. */
public abstract class PeriodicWork extends SafeTimerTask implements ExtensionPoint {
    protected static final long MIN = TimeUnit.MINUTES.toMillis(1);
    protected static final long HOUR = TimeUnit.HOURS.toMillis(1);
    protected static final long DAY = TimeUnit.DAYS.toMillis(1);
    protected final Logger logger = Logger.getLogger(getClass().getName());

    /** In milliseconds. */
    public abstract long getRecurrencePeriod();

    /** In milliseconds. */
    public long getInitialDelay() {
        return getRecurrencePeriod();
    }

    public static ExtensionList<PeriodicWork> all() {
        return ExtensionList.lookup(PeriodicWork.class);
    }
}
