package io.jenkins.plugins.ephemeral.controlplane;

import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.RefusedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** What errors of REST APIs have in common: which family one belongs to that is no answer, or a strange one. */
abstract class RestFaults {
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(5);

    final String what;
    final String where;
    final String apiUrl;

    /**
     * @param what what was being done: {@code "creating agent jk-shop"}
     * @param where which control plane
     * @param apiUrl its URL
     */
    RestFaults(String what, String where, String apiUrl) {
        this.what = what;
        this.where = where;
        this.apiUrl = apiUrl;
    }

    /** The fault for an answer that is not what was hoped for. */
    abstract Fault of(int status, HttpHeaders headers, byte[] body);

    /** What a person checks when the URL or what comes behind it may be wrong. */
    abstract String addressRemedy();

    /** A text of the other side as it may be shown. */
    static String oneLine(String text, int maxChars) {
        String line = SecretMask.mask(text.replaceAll("\\s+", " "));
        return line.length() > maxChars ? line.substring(0, maxChars) + "…" : line;
    }

    /** Whether it is worth trying again later. */
    static boolean isTransient(int status) {
        return status == 429 || status == 408 || status >= 500 && status != 501;
    }

    final TransientFault later(String why, HttpHeaders headers) {
        return new TransientFault(what, where, why, "", retryAfter(headers), null);
    }

    /** As {@link #later}, for an answer that says that nothing was done. */
    final TransientFault refused(String why, HttpHeaders headers) {
        return new RefusedFault(what, where, why, "", retryAfter(headers), null);
    }

    /** The fault for no answer at all. */
    Fault of(Exception failure) {
        Throwable root = failure;
        while ((root instanceof ExecutionException || root instanceof CompletionException) && root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof Fault) {
            return (Fault) root;
        }
        if (root instanceof SSLException) {
            return new UserFault(
                    what,
                    where,
                    "no trusted connection to " + apiUrl + ": " + text(root),
                    "Check its certificate, or let Jenkins' Java trust the authority that issued it.",
                    failure);
        }
        if (root instanceof LimitedBody.TooLarge) {
            return new UserFault(what, where, text(root), "", failure);
        }
        if (root instanceof IllegalArgumentException) {
            // its message may quote the token
            return user("the URL or the API token has characters that do not belong there", addressRemedy());
        }
        return root instanceof ConnectException
                ? new RefusedFault(what, where, noAnswer(root), "", Duration.ZERO, failure)
                : new TransientFault(what, where, noAnswer(root), "", Duration.ZERO, failure);
    }

    private String noAnswer(Throwable root) {
        if (root instanceof TimeoutException || root instanceof HttpTimeoutException) {
            return "no answer from " + apiUrl + " in time";
        }
        if (root instanceof ConnectException) {
            return "no connection to " + apiUrl + (root.getMessage() == null ? "" : ": " + text(root));
        }
        return "the connection to " + apiUrl + " broke: " + text(root);
    }

    /** The fault for an answer of 2xx that is not what the API sends. */
    Fault unreadable(byte[] body, IOException failure) {
        String start = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8).strip();
        if (start.startsWith("<")) {
            return user("it answered with a web page instead of JSON", addressRemedy());
        }
        return new TransientFault(
                what, where, "its answer of " + body.length + " bytes is not whole JSON", "", Duration.ZERO, failure);
    }

    final UserFault user(String why, String remedy) {
        return new UserFault(what, where, why, remedy);
    }

    static String redirected(HttpHeaders headers) {
        Optional<String> target = headers.firstValue("Location");
        return "Redirects are not followed, since they would carry the API token along"
                + target.map(url -> "; this one leads to " + SecretMask.mask(url.replaceAll("\\?.*", "")))
                        .orElse("")
                + ". Configure the API's own URL.";
    }

    private static Duration retryAfter(HttpHeaders headers) {
        String value = headers.firstValue("Retry-After").orElse("").strip();
        Duration wait = Duration.ZERO;
        try {
            wait = value.matches("[0-9]{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(value))
                    : value.isEmpty()
                            ? wait
                            : Duration.between(
                                    Instant.now(),
                                    ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                                            .toInstant());
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
        wait = wait.isNegative() ? Duration.ZERO : wait;
        return wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return SecretMask.mask(message == null ? failure.getClass().getSimpleName() : message);
    }
}
