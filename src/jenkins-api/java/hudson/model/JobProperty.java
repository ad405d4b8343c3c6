package hudson.model;

/** Stand-in: configuration added to a job. */
public abstract class JobProperty<J extends Job<?, ?>> implements Describable<JobProperty<?>> {
    protected transient J owner;

    protected void setOwner(J owner) {
        this.owner = owner;
    }
}
