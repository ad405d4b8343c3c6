package io.jenkins.plugins.ephemeral.config;

import hudson.Extension;
import hudson.model.Item;
import hudson.model.listeners.ItemListener;
import io.jenkins.plugins.ephemeral.environment.Jobs;
import java.time.Instant;
import java.util.function.Consumer;

/** Hears of jobs and folders that are deleted, renamed or moved; what that means is the engine's, on its own thread. */
@Extension
public final class JobEvents extends ItemListener {
    @Override
    public void onDeleted(Item item) {
        String name = item.getFullName();
        // now, not when a thread is free: another one of that name may be made before
        Instant at = EphemeralEngine.get().engine().environments().jobs().now();
        later("end of " + name, jobs -> jobs.deleted(name, at));
    }

    @Override
    public void onLocationChanged(Item item, String oldFullName, String newFullName) {
        later("move of " + oldFullName, jobs -> jobs.moved(oldFullName, newFullName));
    }

    static void later(String what, Consumer<Jobs> work) {
        EphemeralEngine engine = EphemeralEngine.get();
        engine.driver()
                .submit(what, () -> work.accept(engine.engine().environments().jobs()));
    }
}
