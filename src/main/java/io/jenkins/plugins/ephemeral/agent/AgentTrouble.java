package io.jenkins.plugins.ephemeral.agent;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Why an agent and its control plane do not come together, as its log tells it (cmd/api-server of Testkube: it says
 * {@code cannot get pro context} or {@code error registering runner} with the gRPC error, and ends).
 */
enum AgentTrouble {
    /** No licence is left. */
    LICENCE(
            "(?i)licen[cs]e|agent[- ]limit|code = ResourceExhausted",
            "No licence is free: delete agents that are not needed any more, or buy more licences."),
    /** Another agent of that name. */
    NAME_TAKEN(
            "(?i)runner already registered|code = AlreadyExists",
            "An agent of that name is registered already: delete it in the control plane."),
    /** It belongs to another Environment. */
    ENVIRONMENT(
            "(?i)environment .{0,80}not (found|allowed)|wrong environment|code = PermissionDenied|permission denied",
            "The agent does not belong to the organization and environment that are configured for this control plane:"
                    + " check their ids."),
    /** Its key is not accepted. */
    KEY(
            "(?i)code = Unauthenticated|unauthenticated|invalid (api[- ]?)?(key|token)|unauthorized",
            "Its key is not accepted: it was deleted or its key was changed in the control plane."),
    /** The certificate of the other side is not trusted. */
    CERTIFICATE(
            "(?i)x509|certificate (signed|is not|has expired)|tls: ",
            "The agent does not trust the certificate of the agent address."),
    /** Nothing answers there. */
    EGRESS(
            "(?i)i/o timeout|context deadline exceeded|connection refused|no such host|network is unreachable"
                    + "|no route to host|code = (Unavailable|DeadlineExceeded)|server misbehaving",
            "Pods cannot reach the agent address: check network policies, DNS and proxies, and the address itself."),
    /** It says that it was refused, and not why. */
    REFUSED(
            "(?i)cannot get pro context|error registering runner",
            "The agent reached no agreement with the agent address: check this address, the organization and"
                    + " environment ids, and that Pods may reach it."),
    /** Nothing that its log knows. */
    NONE("$^", "Look at the Pod's events, the image's name and the namespace's quota.");

    private final Pattern pattern;
    private final String remedy;

    AgentTrouble(String pattern, String remedy) {
        this.pattern = Pattern.compile(pattern);
        this.remedy = remedy;
    }

    /** What a line of the log says; the reason goes before the mere refusal, and causes before their effects. */
    static AgentTrouble in(String line) {
        for (AgentTrouble trouble : List.of(LICENCE, NAME_TAKEN, ENVIRONMENT, KEY, CERTIFICATE, EGRESS, REFUSED)) {
            if (trouble.pattern.matcher(line).find()) {
                return trouble;
            }
        }
        return NONE;
    }

    /** What to do about it. */
    String remedy(String agentAddress) {
        return remedy.replace("the agent address", agentAddress);
    }
}
