package io.jenkins.plugins.ephemeral.outside;

/** What we had is not there any more, or is another one under the same name. Never to be read as success. */
public final class LostFault extends Fault {
    private static final long serialVersionUID = 1L;

    /** See {@link Fault}: what, where, why and what to do. */
    public LostFault(String what, String where, String why, String remedy) {
        super(what, where, why, remedy, null);
    }
}
