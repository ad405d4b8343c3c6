package io.jenkins.plugins.ephemeral.cluster;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** What is taken from the current context of a kubeconfig; the rest is refused by name, never ignored in silence. */
final class Kubeconfig {
    private static final Set<String> OF_CLUSTER = Set.of("server", "certificate-authority-data", "extensions");
    private static final Set<String> OF_USER =
            Set.of("token", "client-certificate-data", "client-key-data", "extensions");
    private static final int LARGEST_CHARACTERS = 1_000_000;

    private final String server;
    private final String caPem;
    private final String token;
    private final String certificatePem;
    private final String keyPem;

    private Kubeconfig(String server, String caPem, String token, String certificatePem, String keyPem) {
        this.server = server;
        this.caPem = caPem;
        this.token = token;
        this.certificatePem = certificatePem;
        this.keyPem = keyPem;
    }

    static Kubeconfig read(String name, String text) {
        Map<?, ?> root = parse(name, text);
        Map<?, ?> context = entry(name, root, "contexts", "context", currentContext(name, root));
        Map<?, ?> cluster = entry(name, root, "clusters", "cluster", context.get("cluster"));
        Map<?, ?> user = entry(name, root, "users", "user", context.get("user"));
        refuseOthers(name, "cluster", cluster, OF_CLUSTER);
        refuseOthers(name, "user", user, OF_USER);
        Kubeconfig read = new Kubeconfig(
                string(cluster, "server"),
                decoded(name, cluster, "certificate-authority-data"),
                string(user, "token"),
                decoded(name, user, "client-certificate-data"),
                decoded(name, user, "client-key-data"));
        if (read.server == null) {
            throw wrong(name, "its cluster has no server", "");
        }
        if (read.token == null && (read.certificatePem == null || read.keyPem == null)) {
            throw wrong(
                    name,
                    "its user has neither a token nor client-certificate-data and client-key-data",
                    "Make a service account for Jenkins and use its token.");
        }
        return read;
    }

    String server() {
        return server;
    }

    String caPem() {
        return caPem;
    }

    String token() {
        return token;
    }

    String certificatePem() {
        return certificatePem;
    }

    String keyPem() {
        return keyPem;
    }

    private static Map<?, ?> parse(String name, String text) {
        if (text == null || text.isBlank() || text.length() > LARGEST_CHARACTERS) {
            throw wrong(name, text == null || text.isBlank() ? "it is empty" : "it is larger than a megabyte", "");
        }
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(20);
        options.setNestingDepthLimit(20);
        options.setAllowDuplicateKeys(false);
        Object root;
        try {
            root = new Yaml(new SafeConstructor(options)).load(text);
        } catch (YAMLException e) {
            // not the parser's message: it quotes the text, which holds credentials
            throw wrong(name, "it is not YAML", "");
        }
        if (!(root instanceof Map)) {
            throw wrong(name, "it is not a kubeconfig", "");
        }
        return (Map<?, ?>) root;
    }

    private static Object currentContext(String name, Map<?, ?> root) {
        Object current = root.get("current-context");
        if (current != null && !current.toString().isEmpty()) {
            return current;
        }
        Object contexts = root.get("contexts");
        if (contexts instanceof List && ((List<?>) contexts).size() == 1) {
            Object only = ((List<?>) contexts).get(0);
            return only instanceof Map ? ((Map<?, ?>) only).get("name") : null;
        }
        throw wrong(name, "it has no current-context", "Set it with: kubectl config use-context …");
    }

    private static Map<?, ?> entry(String name, Map<?, ?> root, String list, String key, Object wanted) {
        Object entries = root.get(list);
        if (entries instanceof List && wanted != null) {
            for (Object entry : (List<?>) entries) {
                if (entry instanceof Map && wanted.equals(((Map<?, ?>) entry).get("name"))) {
                    Object value = ((Map<?, ?>) entry).get(key);
                    if (value instanceof Map) {
                        return (Map<?, ?>) value;
                    }
                }
            }
        }
        throw wrong(name, "its " + list + " have no entry " + wanted, "");
    }

    private static void refuseOthers(String name, String part, Map<?, ?> entry, Set<String> allowed) {
        for (Map.Entry<?, ?> each : entry.entrySet()) {
            Object value = each.getValue();
            boolean empty = value == null || value.equals("") || value.equals(Boolean.FALSE);
            if (!allowed.contains(String.valueOf(each.getKey())) && !empty) {
                throw wrong(
                        name,
                        "the entry " + each.getKey() + " of its " + part
                                + " is not taken from a kubeconfig, which would"
                                + " run programs, read files or weaken the connection on the Jenkins controller",
                        "Use a token, or certificates inline: kubectl config view --raw --minify --flatten.");
            }
        }
    }

    private static String string(Map<?, ?> entry, String key) {
        Object value = entry.get(key);
        return value == null || value.toString().isBlank()
                ? null
                : value.toString().strip();
    }

    private static String decoded(String name, Map<?, ?> entry, String key) {
        String value = string(entry, key);
        if (value == null) {
            return null;
        }
        try {
            return new String(Base64.getMimeDecoder().decode(value), StandardCharsets.US_ASCII);
        } catch (IllegalArgumentException e) {
            throw wrong(name, key + " is not base64", "");
        }
    }

    private static RuntimeException wrong(String name, String why, String remedy) {
        return new io.jenkins.plugins.ephemeral.outside.UserFault("reading the kubeconfig", name, why, remedy);
    }
}
