package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes apart what was pasted as the identity of a shared agent: one of the commands that Testkube generates ({@code
 * testkube init agent ...}, {@code helm upgrade --install ... --set ...}), or the ids and the key in any other order.
 * Ids and keys are known by their prefixes, so that quotes, line breaks and the order of options do not matter. Nothing
 * of the text gets into a message.
 */
final class PastedCredentials {
    private static final Pattern ADDRESS =
            Pattern.compile("(?:agent-uri|agentUri|cloud\\.url|TESTKUBE_PRO_URL|url)[\"']?\\s*[=:\\s]\\s*[\"']?"
                    + "((?:https?://)?[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?)");
    private static final Pattern JOIN_TOKEN =
            Pattern.compile("runner\\.register\\.token|TESTKUBE_PRO_AGENT_REGISTRATION_TOKEN");

    private final TestkubeConnection connection;
    private final String text;

    private PastedCredentials(String text, TestkubeConnection connection) {
        this.text = text;
        this.connection = connection;
    }

    /**
     * Reads the shared agent of a connection. What the text leaves out is the connection's; what it says otherwise than
     * the connection is refused.
     */
    static AgentCredentials of(TestkubeConnection connection) {
        String text = connection.sharedAgent();
        return new PastedCredentials(text == null ? "" : text, connection).read();
    }

    private AgentCredentials read() {
        if (text.isBlank()) {
            throw refused(
                    "no shared agent is configured for it",
                    "Paste the command that Testkube generates for an agent, or its ids and key, as a secret text, and"
                            + " choose it as the shared agent of this control plane in the Jenkins configuration; or use"
                            + " mode: 'runner'.");
        }
        String key = only("tkckey", "agent key");
        String token = only("tkcagnt", "agent token");
        String id = only("tkc(?:agent|run|sync)", "agent id");
        if (!key.isEmpty() && !token.isEmpty()) {
            throw refused("it has both a key (tkckey_) and a token (tkcagnt_)", "Paste one agent's identity.");
        }
        if (key.isEmpty() && token.isEmpty()) {
            throw refused(
                    JOIN_TOKEN.matcher(text).find()
                            ? "it has a join token, which makes another agent each time"
                            : "it has neither a key (tkckey_...) nor a token (tkcagnt_...)",
                    "Paste the whole command that installs an existing agent; for an agent of its own per environment use"
                            + " mode: 'runner'.");
        }
        if (!key.isEmpty() && id.isEmpty()) {
            throw refused("it has a key but no agent id (tkcagent_...)", "Paste the whole command.");
        }
        return new AgentCredentials(
                token.isEmpty() ? id : "",
                token.isEmpty() ? key : token,
                same("tkcorg", "organization", connection.organizationId()),
                same("tkcenv", "environment", connection.environmentId()),
                address());
    }

    private String address() {
        Matcher found = ADDRESS.matcher(text);
        if (!found.find()) {
            return connection.agentAddress();
        }
        return found.group(1).replaceFirst("^https?://", "");
    }

    /** The id in the text, which has to be the configured one, or the configured one. */
    private String same(String prefix, String what, String configured) {
        String pasted = only(prefix, what + " id");
        if (!pasted.isEmpty() && !pasted.equals(configured)) {
            throw refused(
                    "it is of " + what + ' ' + pasted + ", and the control plane is configured with " + configured,
                    "Paste the command of the configured " + what + ", or correct the configuration.");
        }
        return configured;
    }

    private String only(String prefix, String what) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile("\\b" + prefix + "_[A-Za-z0-9_-]+").matcher(text);
        while (matcher.find()) {
            found.add(matcher.group());
        }
        if (found.size() > 1) {
            throw refused(
                    "it has " + found.size() + " different values for the " + what, "Paste one agent's identity.");
        }
        return found.isEmpty() ? "" : found.iterator().next();
    }

    private UserFault refused(String why, String remedy) {
        return new UserFault("reading the shared agent", "control plane " + connection.name(), why, remedy);
    }
}
