package io.jenkins.plugins.ephemeral.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * What is in a namespace, of whatever kind the cluster serves: for namespaces that are cleaned instead of deleted. Kinds
 * come from discovery, those that can be listed and deleted, in the preferred version of each group.
 */
public final class NamespaceContents {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** The cluster makes and takes away these by itself. */
    private static final Set<String> OF_THE_CLUSTER = Set.of(
            "events",
            "events.events.k8s.io",
            "endpoints",
            "endpointslices.discovery.k8s.io",
            "serviceaccounts/default",
            "configmaps/kube-root-ca.crt",
            "configmaps/openshift-service-ca.crt");

    private static final String SERVICE_ACCOUNT_TOKEN = "kubernetes.io/service-account-token";

    private final Cluster cluster;
    private List<String> kinds = List.of();
    private long discoveredNanos;

    /** @param cluster whose namespaces are looked at */
    public NamespaceContents(Cluster cluster) {
        this.cluster = cluster;
    }

    /** One object. */
    public static final class Item {
        private final String key;
        private final String uri;
        private final String uid;
        private final boolean going;

        Item(String key, String uri, String uid, boolean going) {
            this.key = key;
            this.uri = uri;
            this.uid = uid;
            this.going = going;
        }

        /** {@code deployments.apps/web}: resource, group and name. */
        public String key() {
            return key;
        }

        /** Whether its deletion was asked for already. */
        public boolean isGoing() {
            return going;
        }
    }

    /** What was found. */
    public static final class Found {
        private final List<Item> items = new ArrayList<>();
        private final Set<String> unseen = new TreeSet<>();

        /** The objects, but for those that the cluster makes and takes away by itself. */
        public List<Item> items() {
            return items;
        }

        /** Resources that may not be listed. */
        public Set<String> unseen() {
            return unseen;
        }
    }

    /**
     * Lists all there is: one request per kind, and one per group of kinds every ten minutes.
     *
     * @param namespace name of the namespace
     */
    public Found list(String namespace) {
        Found found = new Found();
        for (String kind : kinds()) {
            String[] parts = kind.split(" ");
            list(namespace, parts[0], parts[1], found);
        }
        return found;
    }

    /**
     * Deletes an object if it still is the one that was found, without what it owns waiting for it.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if that is not allowed
     */
    public void delete(Item item) {
        cluster.call(
                "deleting objects",
                item.key,
                client -> Deletion.at(client, item.uri, item.uid, -1, DeletionPropagation.BACKGROUND));
    }

    private void list(String namespace, String prefix, String resource, Found found) {
        String path = prefix + "/namespaces/" + namespace + '/' + resource.replaceFirst("\\..*", "");
        String next = "";
        try {
            do {
                String page = path + "?limit=500" + (next.isEmpty() ? "" : "&continue=" + next);
                String text = cluster.call("listing objects", namespace + '/' + resource, client -> client.raw(page));
                if (text == null) {
                    return; // not served any more
                }
                JsonNode answer = read(text);
                answer.path("items").forEach(item -> take(item, path, resource, found));
                next = answer.path("metadata").path("continue").asText("");
            } while (!next.isEmpty());
        } catch (UserFault fault) {
            boolean refused = fault.getCause() instanceof KubernetesClientException
                    && ((KubernetesClientException) fault.getCause()).getCode() == 403;
            if (!refused) {
                throw fault;
            }
            found.unseen.add(resource);
        }
    }

    private static void take(JsonNode item, String path, String resource, Found found) {
        JsonNode meta = item.path("metadata");
        String key = resource + '/' + meta.path("name").asText();
        boolean token = resource.equals("secrets")
                && item.path("type").asText().equals(SERVICE_ACCOUNT_TOKEN)
                && meta.path("annotations").has("kubernetes.io/service-account.uid");
        if (OF_THE_CLUSTER.contains(key) || token) {
            return; // a token goes with its account, and comes back with it
        }
        found.items.add(new Item(
                key,
                path + '/' + meta.path("name").asText(),
                meta.path("uid").asText(),
                meta.hasNonNull("deletionTimestamp")));
    }

    /** {@code /apis/apps/v1 deployments.apps}. */
    private synchronized List<String> kinds() {
        if (kinds.isEmpty() || System.nanoTime() - discoveredNanos > KEPT_NANOS) {
            List<String> discovered = new ArrayList<>(kinds("/api/v1", ""));
            JsonNode groups = read(discover("/apis"));
            for (JsonNode group : groups.path("groups")) {
                String version =
                        group.path("preferredVersion").path("groupVersion").asText();
                discovered.addAll(
                        kinds("/apis/" + version, '.' + group.path("name").asText()));
            }
            kinds = discovered;
            discoveredNanos = System.nanoTime();
        }
        return kinds;
    }

    private List<String> kinds(String prefix, String suffix) {
        List<String> some = new ArrayList<>();
        String text = discover(prefix);
        // an aggregated API whose server is away has no document: what it serves cannot be in the way either
        for (JsonNode resource : text == null ? List.<JsonNode>of() : read(text).path("resources")) {
            String name = resource.path("name").asText();
            Set<String> verbs = new TreeSet<>();
            resource.path("verbs").forEach(verb -> verbs.add(verb.asText()));
            boolean wanted = resource.path("namespaced").asBoolean()
                    && !name.contains("/")
                    && verbs.contains("list")
                    && verbs.contains("delete")
                    && !OF_THE_CLUSTER.contains(name + suffix);
            if (wanted) {
                some.add(prefix + ' ' + name + suffix);
            }
        }
        return some;
    }

    private String discover(String path) {
        return cluster.call("reading discovery", path, client -> {
            try {
                return client.raw(path);
            } catch (KubernetesClientException e) {
                if (e.getCode() == 503 && path.startsWith("/apis/")) {
                    return null;
                }
                throw e;
            }
        });
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UserFault("reading objects", "", "the answer is not JSON", "Check the URL of this cluster.", e);
        }
    }
}
