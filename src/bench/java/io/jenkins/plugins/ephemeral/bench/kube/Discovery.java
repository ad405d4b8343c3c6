package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The documents that tell a client which kinds are served, and the version. */
final class Discovery {
    private final ResourceTypes types;
    private final Admission admission;
    private final ServerVersion version;

    /**
     * @param version what the server says that it is
     */
    Discovery(ResourceTypes types, Admission admission, ServerVersion version) {
        this.types = types;
        this.admission = admission;
        this.version = version;
    }

    /** The document at a path, or null when there is none. */
    JsonNode answer(List<String> path) {
        return switch (String.join("/", path)) {
            case "version" -> version();
            case "api" -> {
                ObjectNode core = Json.object().put("kind", "APIVersions");
                core.putArray("versions").add("v1");
                yield core;
            }
            case "apis" -> groups();
            case "openapi/v2" -> Json.object().put("swagger", "2.0").set("paths", Json.object());
            case "openapi/v3" -> Json.object().set("paths", Json.object());
            default -> other(path);
        };
    }

    private JsonNode other(List<String> path) {
        if (path.size() == 2 && path.get(0).equals("api")) {
            return resources(path.get(1));
        }
        if (path.size() == 3 && path.get(0).equals("apis")) {
            return resources(path.get(1) + "/" + path.get(2));
        }
        if (path.size() == 2 && path.get(0).equals("apis")) {
            for (JsonNode group : groups().path("groups")) {
                if (path.get(1).equals(Json.text(group, "/name"))) {
                    return ((ObjectNode) group.deepCopy())
                            .put("kind", "APIGroup")
                            .put("apiVersion", "v1");
                }
            }
        }
        return null;
    }

    private ObjectNode version() {
        String[] parts = version.text().split("\\.");
        return Json.object()
                .put("major", parts[0])
                .put("minor", parts[1])
                .put("gitVersion", "v" + version.text())
                .put("gitCommit", "embedded")
                .put("gitTreeState", "clean")
                .put("platform", "linux/amd64");
    }

    private ObjectNode groups() {
        Map<String, Set<String>> versions = new LinkedHashMap<>();
        types.all().stream().filter(t -> !t.group().isEmpty()).forEach(t -> versions.computeIfAbsent(
                        t.group(), g -> new LinkedHashSet<>())
                .add(t.version()));
        versions.put("authorization.k8s.io", Set.of("v1"));
        ObjectNode list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = list.putArray("groups");
        versions.forEach((group, all) -> {
            ObjectNode entry = groups.addObject().put("name", group);
            ArrayNode served = entry.putArray("versions");
            all.forEach(
                    v -> served.addObject().put("groupVersion", group + "/" + v).put("version", v));
            entry.set("preferredVersion", served.get(0).deepCopy());
        });
        return list;
    }

    private JsonNode resources(String groupVersion) {
        ObjectNode list = Json.object().put("kind", "APIResourceList").put("apiVersion", "v1");
        list.put("groupVersion", groupVersion);
        ArrayNode resources = list.putArray("resources");
        for (ResourceType type : types.all()) {
            if (type.apiVersion().equals(groupVersion)) {
                add(resources, type, "", "create,delete,deletecollection,get,list,patch,update,watch");
                if (admission.hasStatus(type)) {
                    add(resources, type, "/status", "get,patch,update");
                }
                if (type.is("pods")) {
                    add(resources, type, "/log", "get");
                }
            }
        }
        if (groupVersion.equals("authorization.k8s.io/v1")) {
            for (String kind : List.of("SelfSubjectAccessReview", "SelfSubjectRulesReview")) {
                add(
                        resources,
                        new ResourceType(
                                "authorization.k8s.io",
                                "v1",
                                kind,
                                kind.toLowerCase(java.util.Locale.ROOT) + "s",
                                false,
                                false),
                        "",
                        "create");
            }
        }
        return resources.isEmpty() ? null : list;
    }

    private static void add(ArrayNode resources, ResourceType type, String subresource, String verbs) {
        ObjectNode entry = resources.addObject().put("name", type.plural() + subresource);
        entry.put("singularName", type.kind().toLowerCase(java.util.Locale.ROOT));
        entry.put("namespaced", type.namespaced()).put("kind", type.kind());
        ArrayNode list = entry.putArray("verbs");
        for (String verb : verbs.split(",")) {
            list.add(verb);
        }
    }
}
