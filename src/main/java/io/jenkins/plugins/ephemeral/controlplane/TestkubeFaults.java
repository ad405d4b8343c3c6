package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.Fault;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Tells which family an error of a control plane belongs to, and what a person can do about it. */
final class TestkubeFaults extends RestFaults {
    private static final Pattern ENVIRONMENT = Pattern.compile("(?i)\\benvironment\\b.*\\bnot found");
    private static final Pattern LICENCE =
            Pattern.compile("(?i)licen[cs]e|subscription|agent[- ]limit|limit of agents");
    private static final int MAX_DETAIL = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestkubeConnection connection;

    /**
     * @param what what was being done: {@code "creating agent jk-shop"}
     * @param connection whose control plane
     */
    TestkubeFaults(String what, TestkubeConnection connection) {
        super(what, where(connection), connection.apiUrl());
        this.connection = connection;
    }

    private static String where(TestkubeConnection connection) {
        return (isStandalone(connection) ? "agent " : "control plane ") + connection.name();
    }

    private static boolean isStandalone(TestkubeConnection connection) {
        return connection.organizationId().isEmpty();
    }

    @Override
    Fault of(int status, HttpHeaders headers, byte[] body) {
        String detail = detail(body);
        String why = detail.isEmpty() ? "it answered " + status : "it answered " + status + ": " + detail;
        boolean refusal = status == 402 || status == 403 || status == 409 || status == 429;
        if (refusal && LICENCE.matcher(detail).find()) {
            return user(why, "No licence is free: delete agents that are not needed any more, or buy more licences.");
        }
        if (isTransient(status)) {
            return status == 429 ? refused(why, headers) : later(why, headers);
        }
        if (isStandalone(connection) && (status == 401 || status == 403)) {
            return user(why, "Grant Jenkins' identity services/proxy where the agent is: docs/rbac.md.");
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
            case 400:
                // of an agent that is to be made in an Environment that is not there
                return user(why, ENVIRONMENT.matcher(detail).find() ? addressRemedy() : "");
            default:
                return user(why, status >= 300 && status < 400 ? redirected(headers) : "");
        }
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

    /** Whether an answer says that no connected agent would take a run. */
    static boolean saysNobodyTakes(int status, byte[] body) {
        return status == 400
                && Pattern.compile("(?i)\\bno (matching |connected |available )?(runner|agent)")
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
        return oneLine(text, MAX_DETAIL);
    }

    @Override
    String addressRemedy() {
        if (isStandalone(connection)) {
            return "Check agentNamespace and agentService, and that the agent knows this operation.";
        }
        return "Check the URL " + connection.apiUrl() + ", organization " + connection.organizationId()
                + " and environment " + connection.environmentId()
                + " of this control plane in the Jenkins configuration.";
    }
}
