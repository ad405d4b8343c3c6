package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Hears what a watch brings, on a thread that must not be held. */
public interface Observer {
    /**
     * An object is there, or is gone.
     *
     * @param object the object as the server sent it: shared, so not to be changed
     * @param deleted whether it is gone; then this is how it was last
     */
    void changed(HasMetadata object, boolean deleted);

    /** Anything may have happened unheard: what was heard before is no whole picture any more. */
    void missed();

    /** One that only wants to be woken. */
    static Observer waking(Runnable wake) {
        return new Observer() {
            @Override
            public void changed(HasMetadata object, boolean deleted) {
                wake.run();
            }

            @Override
            public void missed() {
                wake.run();
            }
        };
    }
}
