package io.jenkins.plugins.ephemeral.agent;

import java.util.List;

/**
 * Images of Testkube's parts, and how they are pulled; all three have to be reachable from the cluster.
 *
 * @param agent the agent itself ({@code testkube-api-server})
 * @param init what the agent starts the containers of a run with ({@code testkube-tw-init})
 * @param toolkit what a run clones, uploads and waits with ({@code testkube-tw-toolkit})
 * @param registry registry, and path within, that stands before images that name none; empty for the cluster's own
 *     default
 * @param pullSecrets names of Secrets in the namespace
 */
public record AgentImages(String agent, String init, String toolkit, String registry, List<String> pullSecrets) {
    /** Those of the default registry, pulled without a Secret. */
    public AgentImages(String agent, String init, String toolkit) {
        this(agent, init, toolkit, "", List.of());
    }

    /** As an agent is to use them: what it asks for itself goes before these defaults. */
    AgentImages chosen(AgentSpec spec) {
        String at = or(spec.registry, registry).replaceAll("/+$", "");
        return new AgentImages(
                at(at, or(spec.image, agent)),
                at(at, or(spec.initImage, init)),
                at(at, or(spec.toolkitImage, toolkit)),
                at,
                spec.imagePullSecrets.isEmpty() ? pullSecrets : List.copyOf(spec.imagePullSecrets));
    }

    private static String or(String own, String usual) {
        return own == null || own.isBlank() ? usual : own.strip();
    }

    private static String at(String registry, String image) {
        return registry.isEmpty() || namesRegistry(image) ? image : registry + '/' + image;
    }

    /** As container runtimes read it: a first part with a dot or a port, or localhost, is a host. */
    private static boolean namesRegistry(String image) {
        int slash = image.indexOf('/');
        String first = slash < 0 ? "" : image.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost");
    }
}
