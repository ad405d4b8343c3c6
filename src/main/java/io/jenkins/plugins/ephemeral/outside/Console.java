package io.jenkins.plugins.ephemeral.outside;

/** Where progress for the user goes: the build's log. Implementations never throw and may be called from any thread. */
@FunctionalInterface
public interface Console {
    /** Nobody listens. */
    Console NONE = text -> {};

    /**
     * Prints one line.
     *
     * @param text without a line end; secrets already masked
     */
    void line(String text);
}
