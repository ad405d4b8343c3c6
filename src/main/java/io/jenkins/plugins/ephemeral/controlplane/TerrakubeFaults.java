package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.Fault;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** Tells which family an error of Terrakube belongs to, and what a person can do about it. */
final class TerrakubeFaults extends RestFaults {
    private static final int MAX_DETAIL = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TerrakubeConnection connection;

    /**
     * @param what what was being done: {@code "creating job"}
     * @param connection whose control plane
     */
    TerrakubeFaults(String what, TerrakubeConnection connection) {
        super(what, "control plane " + connection.name(), connection.apiUrl());
        this.connection = connection;
    }

    @Override
    Fault of(int status, HttpHeaders headers, byte[] body) {
        String detail = detail(body);
        String why = detail.isEmpty() ? "it answered " + status : "it answered " + status + ": " + detail;
        // 409: somebody else is changing the same job, says Terrakube's database
        if (isTransient(status) || status == 409) {
            return later(why, headers);
        }
        switch (status) {
            case 401:
                return user(why, "The token is not valid or has expired: renew it in the Jenkins configuration.");
            case 403:
                return user(why, rights());
            case 404:
                return user(why, addressRemedy());
            default:
                return user(why, status >= 300 && status < 400 ? redirected(headers) : "");
        }
    }

    /** Terrakube's own roles (facts: {@code api/rs/checks/job}). */
    private String rights() {
        return "The token's team may not do this in organization " + connection.organization()
                + ": creating a job takes \"manage job\" or \"plan job\", cancelling \"manage job\", and approving or"
                + " rejecting \"approve job\" or membership of the approval's own team.";
    }

    @Override
    String addressRemedy() {
        return "Check the URL " + apiUrl + " (of the API, not of the user interface) and organization "
                + connection.organization() + " of this control plane in the Jenkins configuration.";
    }

    /** What JSON:API's errors or Spring's error document say, or the beginning of a text; masked, one line. */
    private static String detail(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, 64 * 1024), StandardCharsets.UTF_8).strip();
        try {
            JsonNode answer = JSON.readTree(text);
            if (answer != null && answer.isObject()) {
                StringBuilder all = new StringBuilder();
                for (JsonNode error : answer.path("errors")) {
                    String one = error.isTextual()
                            ? error.asText()
                            : error.path("detail").asText(error.path("title").asText(""));
                    all.append(all.length() == 0 || one.isEmpty() ? "" : "; ").append(one);
                }
                text = all.length() > 0
                        ? all.toString()
                        : answer.path("message").asText(answer.path("error").asText(""));
            }
        } catch (JsonProcessingException e) {
            text = text.startsWith("<") ? "a web page" : text;
        }
        return oneLine(text, MAX_DETAIL);
    }
}
