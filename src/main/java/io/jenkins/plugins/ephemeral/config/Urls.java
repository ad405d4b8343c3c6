package io.jenkins.plugins.ephemeral.config;

import hudson.util.FormValidation;
import java.net.URI;
import java.net.URISyntaxException;

/** http(s) URLs of form fields. */
final class Urls {
    private Urls() {}

    /** The trimmed URL without a slash at the end, or the default for a blank one. */
    static String orDefault(String url, String fallback) {
        return url == null || url.isBlank() ? fallback : url.trim().replaceAll("/+$", "");
    }

    /** Whether it is an http(s) URL with a host; blank stands for the default. Nothing is connected to. */
    static FormValidation check(String url) {
        if (url == null || url.isBlank()) {
            return FormValidation.ok();
        }
        try {
            URI uri = new URI(url.trim());
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (!http || uri.getHost() == null) {
                return FormValidation.error("An http or https URL with a host is wanted");
            }
            return "http".equalsIgnoreCase(uri.getScheme())
                    ? FormValidation.warning("Without TLS the token can be read on the way")
                    : FormValidation.ok();
        } catch (URISyntaxException e) {
            return FormValidation.error("Not a URL: " + e.getReason());
        }
    }
}
