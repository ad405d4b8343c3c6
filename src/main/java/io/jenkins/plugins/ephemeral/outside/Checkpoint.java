package io.jenkins.plugins.ephemeral.outside;

/** Makes a change of the persisted state of an undertaking durable (in Pipeline: {@code StepContext.saveState()}). */
@FunctionalInterface
public interface Checkpoint {
    /** Nothing is kept. */
    Checkpoint NONE = () -> {};

    /** Returns when the state as it is now would be found again after a crash, as far as the durability setting goes. */
    void save();
}
