package io.jenkins.plugins.ephemeral.outside;

/** Wrong input, missing rights, a refusal: trying again changes nothing, a person has to. */
public final class UserFault extends Fault {
    private static final long serialVersionUID = 1L;

    /** See {@link Fault}: what, where, why and what to do. */
    public UserFault(String what, String where, String why, String remedy) {
        super(what, where, why, remedy, null);
    }

    /** See {@link Fault}: what, where, why and what to do, with the exception behind it. */
    public UserFault(String what, String where, String why, String remedy, Throwable cause) {
        super(what, where, why, remedy, cause);
    }
}
