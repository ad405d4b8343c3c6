package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was applied to an environment: a ConfigMap in its namespace with one key per resource. It is written before a
 * resource is, so that nothing is applied that is not in it, and changed key by key, so that two applies at once do not
 * undo each other's.
 */
final class Inventory {
    /** Name of the ConfigMap. */
    static final String NAME = "ephemeral-inventory";

    private static final String APPLIED = "applied";

    private final Cluster cluster;
    private final NamespaceRef environment;

    Inventory(Cluster cluster, NamespaceRef environment) {
        this.cluster = cluster;
        this.environment = environment;
    }

    /** Resources that were applied and not pruned, {@code Kind/name}, sorted. */
    Set<String> read() {
        Set<String> ids = new TreeSet<>();
        cluster.get(ConfigMap.class, environment.namespace(), NAME)
                .map(ConfigMap::getData)
                .orElse(Map.of())
                .keySet()
                // no kind has a dot in it, and no key may have a slash
                .forEach(key -> ids.add(key.replaceFirst("\\.", "/")));
        return ids;
    }

    /** Adds resources. */
    void add(Collection<String> ids, String controllerId) {
        Map<String, String> data = new LinkedHashMap<>();
        ids.forEach(id -> data.put(key(id), APPLIED));
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(Labels.CONTROLLER, controllerId);
        labels.put(Labels.ENVIRONMENT, environment.environment());
        Optional<ConfigMap> created = cluster.create(new ConfigMapBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace(environment.namespace())
                .withLabels(labels)
                .endMetadata()
                .withData(data)
                .build());
        if (created.isEmpty()) {
            patch(data);
        }
    }

    /** Takes resources out. */
    void remove(Collection<String> ids) {
        Map<String, String> data = new LinkedHashMap<>();
        ids.forEach(id -> data.put(key(id), null));
        patch(data);
    }

    private void patch(Map<String, String> data) {
        String patch = Serialization.asJson(Map.of("data", data));
        cluster.call("patching ConfigMap", environment.namespace() + '/' + NAME, client -> client.configMaps()
                .inNamespace(environment.namespace())
                .withName(NAME)
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    private static String key(String id) {
        return id.replace('/', '.');
    }
}
