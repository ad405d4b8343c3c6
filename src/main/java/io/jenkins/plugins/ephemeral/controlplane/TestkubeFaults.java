package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.Fault;
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
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Tells which family an error of a control plane belongs to, and what a person can do about it. */
final class TestkubeFaults {
    private static final Pattern LICENCE =
            Pattern.compile("(?i)licen[cs]e|subscription|agent[- ]limit|limit of agents");
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(5);
    private static final int MAX_DETAIL = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String what;
    private final String where;
    private final TestkubeConnection connection;

    /**
     * @param what what was being done: {@code "creating agent jk-shop"}
     * @param connection whose control plane
     */
    TestkubeFaults(String what, TestkubeConnection connection) {
        this.what = what;
        this.where = "control plane " + connection.name();
        this.connection = connection;
    }

    /** The fault for an answer that is not what was hoped for. */
    Fault of(int status, HttpHeaders headers, byte[] body) {
        String detail = detail(body);
        String why = detail.isEmpty() ? "it answered " + status : "it answered " + status + ": " + detail;
        boolean refusal = status == 402 || status == 403 || status == 409 || status == 429;
        if (refusal && LICENCE.matcher(detail).find()) {
            return user(why, "No licence is free: delete agents that are not needed any more, or buy more licences.");
        }
        if (status == 429 || status == 408 || status >= 500 && status != 501) {
            return new TransientFault(what, where, why, "", retryAfter(headers), null);
        }
        switch (status) {
            case 401:
                return user(why, "The API token is not valid: renew it in the Jenkins configuration.");
            case 402:
                return user(why, "The organization's subscription does not cover this.");
            case 403:
                return user(
                        why,
                        "The API token may not do this in organization " + connection.organizationId()
                                + ": give it the role it needs, admin for agents and write for workflows and their runs.");
            case 404:
                return user(why, addressRemedy());
            default:
                return user(why, status >= 300 && status < 400 ? redirected(headers) : "");
        }
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
                    "no trusted connection to " + connection.apiUrl() + ": " + text(root),
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
        return new TransientFault(what, where, noAnswer(root), "", Duration.ZERO, failure);
    }

    private String noAnswer(Throwable root) {
        if (root instanceof TimeoutException || root instanceof HttpTimeoutException) {
            return "no answer from " + connection.apiUrl() + " in time";
        }
        if (root instanceof ConnectException) {
            return "no connection to " + connection.apiUrl() + (root.getMessage() == null ? "" : ": " + text(root));
        }
        return "the connection to " + connection.apiUrl() + " broke: " + text(root);
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

    /** Whether an answer says that something of that name is there already. */
    static boolean saysExists(int status, byte[] body) {
        return (status == 400 || status == 409 || status == 422)
                && Pattern.compile("(?i)already (exists|taken|in use)|duplicate|not unique")
                        .matcher(detail(body))
                        .find();
    }

    /** Whether an answer says that there is no such workflow: some servers say 500 where 404 is meant. */
    static boolean saysUnknown(int status, byte[] body) {
        return status == 404
                || (status == 400 || status == 500)
                        && Pattern.compile("(?i)not found|invalid workflow id|no such")
                                .matcher(detail(body))
                                .find();
    }

    /** Whether it is about licences. */
    static boolean saysLicence(byte[] body) {
        return LICENCE.matcher(detail(body)).find();
    }

    /** What a problem document says, or the beginning of a text; masked, one line. */
    static String detail(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, 64 * 1024), StandardCharsets.UTF_8).strip();
        try {
            JsonNode problem = TestkubeJson.single(JSON.readTree(text));
            if (problem.isObject()) {
                String title = problem.path("title").asText("");
                String detail = problem.path("detail")
                        .asText(problem.path("message")
                                .asText(problem.path("error").asText("")));
                String code = problem.path("errorCode").asText("");
                text = detail.isEmpty() ? title : detail;
                text += code.isEmpty() ? "" : " (" + code + ')';
            }
        } catch (JsonProcessingException e) {
            text = text.startsWith("<") ? "a web page" : text;
        }
        String line = SecretMask.mask(text.replaceAll("\\s+", " "));
        return line.length() > MAX_DETAIL ? line.substring(0, MAX_DETAIL) + "…" : line;
    }

    private UserFault user(String why, String remedy) {
        return new UserFault(what, where, why, remedy);
    }

    private String addressRemedy() {
        return "Check the URL " + connection.apiUrl() + ", organization " + connection.organizationId()
                + " and environment " + connection.environmentId()
                + " of this control plane in the Jenkins configuration.";
    }

    private static String redirected(HttpHeaders headers) {
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
