package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Role-based access control over the stored roles and bindings, with the checks against granting what one does not hold. */
final class Rbac {
    /** Roles that every cluster has, with their verbs; here on every kind. */
    static final Map<String, List<String>> WELL_KNOWN_ROLES =
            Map.of("cluster-admin", List.of("*"), "view", List.of("get", "list", "watch"));

    private static final String GROUP = "rbac.authorization.k8s.io";

    /**
     * What somebody wants to do.
     *
     * @param resource with its subresource: {@code pods/log}
     * @param namespace "" for the whole cluster
     * @param name "" for no particular object
     */
    record Attempt(String verb, String group, String resource, String namespace, String name) {}

    private final Store store;
    private final Rights rights;

    Rbac(Store store, Rights rights) {
        this.store = store;
        this.rights = rights;
    }

    boolean allows(User user, Attempt attempt) {
        if (rights.denies(user, attempt)) {
            return false;
        }
        boolean review =
                attempt.resource().startsWith("selfsubject") && attempt.verb().equals("create");
        return user.isMaster()
                || review
                || rules(user, attempt.namespace()).stream().anyMatch(rule -> covers(rule, attempt));
    }

    /** Every rule that holds for a user in a namespace, cluster-wide ones included. */
    List<JsonNode> rules(User user, String namespace) {
        List<JsonNode> rules = new ArrayList<>();
        if (user.isMaster()) {
            ObjectNode all = Json.object();
            for (String field : List.of("verbs", "apiGroups", "resources")) {
                all.putArray(field).add("*");
            }
            rules.add(all);
            return rules;
        }
        for (ObjectNode binding : store.list("clusterrolebindings." + GROUP, "")) {
            if (binds(binding, user)) {
                role("", binding.path("roleRef")).ifPresent(r -> r.path("rules").forEach(rules::add));
            }
        }
        if (!namespace.isEmpty()) {
            for (ObjectNode binding : store.list("rolebindings." + GROUP, namespace)) {
                if (binds(binding, user)) {
                    role(namespace, binding.path("roleRef"))
                            .ifPresent(r -> r.path("rules").forEach(rules::add));
                }
            }
        }
        return rules;
    }

    private Optional<ObjectNode> role(String namespace, JsonNode reference) {
        String name = Json.text(reference, "/name");
        return Json.text(reference, "/kind").equals("ClusterRole")
                ? store.get("clusterroles." + GROUP, "", name)
                : store.get("roles." + GROUP, namespace, name);
    }

    private static boolean binds(JsonNode binding, User user) {
        for (JsonNode subject : binding.path("subjects")) {
            String name = Json.text(subject, "/name");
            boolean matches =
                    switch (Json.text(subject, "/kind")) {
                        case "ServiceAccount" ->
                            user.name()
                                    .equals("system:serviceaccount:" + Json.text(subject, "/namespace") + ":" + name);
                        case "Group" -> user.groups().contains(name);
                        default -> user.name().equals(name);
                    };
            if (matches) {
                return true;
            }
        }
        return false;
    }

    private static boolean covers(JsonNode rule, Attempt attempt) {
        List<String> names = Json.textList(rule.path("resourceNames"));
        return has(rule, "verbs", attempt.verb())
                && has(rule, "apiGroups", attempt.group())
                && (has(rule, "resources", attempt.resource())
                        || has(rule, "resources", attempt.resource().replaceFirst("^[^/]*/", "*/")))
                && (names.isEmpty() || names.contains(attempt.name()));
    }

    private static boolean has(JsonNode rule, String field, String value) {
        List<String> values = Json.textList(rule.path(field));
        return values.contains("*") || values.contains(value);
    }

    /**
     * Refuses a role with rights that its writer does not hold (unless it may {@code escalate}), and a binding to such a role
     * (unless it may {@code bind}).
     */
    void checkGrant(ResourceType type, String namespace, ObjectNode object, User user) {
        if (!type.group().equals(GROUP) || user.isMaster()) {
            return;
        }
        boolean binding = type.plural().endsWith("bindings");
        JsonNode reference = object.path("roleRef");
        String role = binding ? Json.text(reference, "/name") : Json.name(object);
        boolean cluster = binding
                ? Json.text(reference, "/kind").equals("ClusterRole")
                : type.kind().equals("ClusterRole");
        Attempt exempt =
                new Attempt(binding ? "bind" : "escalate", GROUP, cluster ? "clusterroles" : "roles", namespace, role);
        if (allows(user, exempt)) {
            return;
        }
        JsonNode rules = binding
                ? role(namespace, reference)
                        .orElseThrow(() -> ApiError.notFound(
                                new ResourceType(GROUP, "v1", "", cluster ? "clusterroles" : "roles", !cluster, false),
                                role))
                        .path("rules")
                : object.path("rules");
        List<String> missing = new ArrayList<>();
        for (JsonNode rule : rules) {
            missing(user, namespace, rule, missing);
        }
        if (!missing.isEmpty()) {
            throw ApiError.forbidden(
                    type,
                    Json.name(object),
                    "user \"" + user.name() + "\" (groups=" + groups(user)
                            + ") is attempting to grant RBAC permissions not currently held:\n"
                            + String.join("\n", missing));
        }
    }

    private static String groups(User user) {
        return "["
                + String.join(
                        " ", user.groups().stream().map(g -> "\"" + g + "\"").toList()) + "]";
    }

    private void missing(User user, String namespace, JsonNode rule, List<String> missing) {
        List<String> limited = Json.textList(rule.path("resourceNames"));
        List<String> names = limited.isEmpty() ? List.of("") : limited;
        for (String group : Json.textList(rule.path("apiGroups"))) {
            for (String resource : Json.textList(rule.path("resources"))) {
                List<String> verbs = Json.textList(rule.path("verbs")).stream()
                        .filter(v -> !names.stream()
                                .allMatch(n -> allows(user, new Attempt(v, group, resource, namespace, n))))
                        .toList();
                if (!verbs.isEmpty()) {
                    missing.add("{APIGroups:[\"" + group + "\"], Resources:[\"" + resource + "\"], Verbs:"
                            + Json.array(verbs) + "}");
                }
            }
        }
    }

    /** What is answered to a request without the right for it. */
    static ApiError forbidden(User user, Attempt attempt) {
        String plural = attempt.resource().replaceFirst("/.*", "");
        ResourceType type = new ResourceType(attempt.group(), "", "", plural, true, false);
        return ApiError.forbidden(
                type,
                attempt.name(),
                "User \"" + user.name() + "\" cannot " + attempt.verb() + " resource \"" + attempt.resource()
                        + "\" in API group \"" + attempt.group() + "\" "
                        + (attempt.namespace().isEmpty()
                                ? "at the cluster scope"
                                : "in the namespace \"" + attempt.namespace() + "\""));
    }
}
