package io.jenkins.plugins.ephemeral.controlplane;

/** One address that reports are sent to. */
public interface WebhookTarget {
    /** Name for messages, unique. */
    String name();

    /** http(s) URL. */
    String url();

    /**
     * Key for the HMAC-SHA256 signature of the body, or empty for none.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if its credentials are missing
     */
    String secret();
}
