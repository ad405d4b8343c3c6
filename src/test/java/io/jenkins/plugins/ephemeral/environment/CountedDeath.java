package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Outside;

/** Kills a process before or after one of its next outside calls, whichever that is. */
final class CountedDeath implements Outside.Cut {
    private int left;
    private boolean dead;

    /** @param left how many crossings it survives; 0 for all */
    CountedDeath(int left) {
        this.left = left;
    }

    synchronized void in(int crossings) {
        left = crossings;
    }

    synchronized boolean isDead() {
        return dead;
    }

    synchronized boolean isArmed() {
        return dead || left > 0;
    }

    @Override
    public void before(String point) {
        cross("before " + point);
    }

    @Override
    public void after(String point) {
        cross("after " + point);
    }

    private synchronized void cross(String crossing) {
        if (!dead && left > 0 && --left == 0) {
            dead = true;
        }
        if (dead) {
            throw new KillSwitch.Killed(crossing);
        }
    }
}
