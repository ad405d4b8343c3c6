package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** The kinds that are served: the built-in ones that the plugin may meet, and those of CustomResourceDefinitions. */
final class ResourceTypes {
    private static final Set<String> CLUSTER_SCOPED = Set.of(
            "Namespace",
            "Node",
            "PersistentVolume",
            "ClusterRole",
            "ClusterRoleBinding",
            "CustomResourceDefinition",
            "PriorityClass",
            "StorageClass");
    private static final String[][] BUILT_IN = {
        {"", "v1", "Namespace,Node,Pod,Service,ConfigMap,Secret,ServiceAccount,Event,ResourceQuota,LimitRange"},
        {"", "v1", "PersistentVolume,PersistentVolumeClaim,Endpoints,ReplicationController,PodTemplate"},
        {"apps", "v1", "Deployment,ReplicaSet,StatefulSet,DaemonSet,ControllerRevision"},
        {"batch", "v1", "Job,CronJob"},
        {"rbac.authorization.k8s.io", "v1", "Role,RoleBinding,ClusterRole,ClusterRoleBinding"},
        {"networking.k8s.io", "v1", "NetworkPolicy,Ingress"},
        {"policy", "v1", "PodDisruptionBudget"},
        {"coordination.k8s.io", "v1", "Lease"},
        {"discovery.k8s.io", "v1", "EndpointSlice"},
        {"autoscaling", "v2", "HorizontalPodAutoscaler"},
        {"scheduling.k8s.io", "v1", "PriorityClass"},
        {"storage.k8s.io", "v1", "StorageClass"},
        {"apiextensions.k8s.io", "v1", "CustomResourceDefinition"},
    };

    private final List<ResourceType> types = new CopyOnWriteArrayList<>();

    ResourceTypes() {
        for (String[] row : BUILT_IN) {
            for (String kind : row[2].split(",")) {
                types.add(new ResourceType(row[0], row[1], kind, plural(kind), !CLUSTER_SCOPED.contains(kind), false));
            }
        }
    }

    private static String plural(String kind) {
        String name = kind.toLowerCase(Locale.ROOT);
        if (name.endsWith("y")) {
            return name.substring(0, name.length() - 1) + "ies";
        }
        if (name.equals("endpoints")) {
            return name;
        }
        return name.endsWith("s") ? name + "es" : name + "s";
    }

    List<ResourceType> all() {
        return List.copyOf(types);
    }

    Optional<ResourceType> find(String group, String version, String plural) {
        return types.stream()
                .filter(t -> t.group().equals(group)
                        && t.version().equals(version)
                        && t.plural().equals(plural))
                .findFirst();
    }

    /** The type of a {@code plural.group} name, in its first served version. */
    ResourceType named(String qualified) {
        return types.stream()
                .filter(t -> t.is(qualified))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such type: " + qualified));
    }

    Optional<ResourceType> ofKind(String apiVersion, String kind) {
        return types.stream()
                .filter(t -> t.apiVersion().equals(apiVersion) && t.kind().equals(kind))
                .findFirst();
    }

    /** Serves what a CustomResourceDefinition describes, and nothing that it no longer does. */
    void define(JsonNode definition) {
        List<ResourceType> served = new ArrayList<>();
        for (JsonNode version : definition.at("/spec/versions")) {
            if (version.path("served").asBoolean()) {
                served.add(new ResourceType(
                        Json.text(definition, "/spec/group"),
                        Json.text(version, "/name"),
                        Json.text(definition, "/spec/names/kind"),
                        Json.text(definition, "/spec/names/plural"),
                        "Namespaced".equals(Json.text(definition, "/spec/scope")),
                        true));
            }
        }
        types.removeIf(t -> t.custom() && t.is(Json.name(definition)) && !served.contains(t));
        served.stream().filter(t -> !types.contains(t)).forEach(types::add);
    }

    void undefine(String qualified) {
        types.removeIf(t -> t.custom() && t.is(qualified));
    }
}
