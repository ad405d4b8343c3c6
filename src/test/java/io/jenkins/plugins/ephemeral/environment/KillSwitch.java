package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Outside;
import java.util.Map;
import java.util.TreeMap;

/** Kills the process before or after one of its outside calls: from then on nothing that it does gets out. */
public final class KillSwitch implements Outside.Cut {
    /** What a killed process throws wherever it goes on. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed(String crossing) {
            super("killed " + crossing);
        }
    }

    private final String crossing;
    private final int occurrence;
    private final Map<String, Integer> passed = new TreeMap<>();
    private volatile boolean dead;

    /**
     * @param crossing {@code "before creating Namespace"}; of calls that are made at once any may come first, so
     *     crossings are known by their names
     * @param occurrence which of that name, from 1
     */
    public KillSwitch(String crossing, int occurrence) {
        this.crossing = crossing;
        this.occurrence = occurrence;
    }

    @Override
    public void before(String point) {
        cross("before " + point);
    }

    @Override
    public void after(String point) {
        cross("after " + point);
    }

    private synchronized void cross(String name) {
        if (dead) {
            throw new Killed(name);
        }
        int times = passed.merge(name, 1, Integer::sum);
        if (name.equals(crossing) && times == occurrence) {
            dead = true;
            throw new Killed(name);
        }
    }

    public boolean isDead() {
        return dead;
    }

    /** How often each crossing was passed. */
    public synchronized Map<String, Integer> passed() {
        return new TreeMap<>(passed);
    }

    @Override
    public String toString() {
        return "killed " + crossing + ", number " + occurrence;
    }
}
