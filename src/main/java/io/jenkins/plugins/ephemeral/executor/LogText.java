package io.jenkins.plugins.ephemeral.executor;

/** Makes what a program prints fit for a build's console. */
public final class LogText {
    /** What a console note of Jenkins begins with: a program must not be able to print one. */
    private static final String NOTE = "\u001B[8mha:";

    private LogText() {}

    /**
     * The text as it is shown: a forged console note shows as what it is.
     *
     * @param text a line
     * @param cutBytes how many bytes of it were left away
     */
    public static String shown(String text, long cutBytes) {
        // ESC is replaced and not removed: what remains must not make a new one
        String inert = text.contains(NOTE) ? text.replace(NOTE, "<ESC>[8mha:") : text;
        return cutBytes == 0 ? inert : inert + " [" + cutBytes + " more bytes of this line were cut]";
    }
}
