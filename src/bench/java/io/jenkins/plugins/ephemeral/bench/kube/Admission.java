package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What the API server checks before it stores: namespace lifecycle, names, service accounts, quota, grants, schemas. */
final class Admission {
    static final Set<String> PERMANENT = Set.of("default", "kube-system", "kube-public", "kube-node-lease");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    private static final String LABEL_RULE =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
                    + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
                    + "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private static final Set<String> WITH_STATUS = Set.of(
            "namespaces",
            "nodes",
            "pods",
            "services",
            "resourcequotas",
            "persistentvolumeclaims",
            "persistentvolumes",
            "replicationcontrollers",
            "deployments.apps",
            "replicasets.apps",
            "statefulsets.apps",
            "daemonsets.apps",
            "jobs.batch",
            "cronjobs.batch",
            "ingresses.networking.k8s.io",
            "poddisruptionbudgets.policy",
            "horizontalpodautoscalers.autoscaling",
            "customresourcedefinitions.apiextensions.k8s.io");

    private final Store store;
    private final Quotas quotas;
    private final Rbac rbac;
    private final CustomResources customResources;
    private final ServerVersion version;

    Admission(Store store, Quotas quotas, Rbac rbac, CustomResources customResources, ServerVersion version) {
        this.version = version;
        this.store = store;
        this.quotas = quotas;
        this.rbac = rbac;
        this.customResources = customResources;
    }

    /** Whether the status of that kind is written through its own subresource only. */
    boolean hasStatus(ResourceType type) {
        return type.custom() ? customResources.hasStatus(type) : WITH_STATUS.contains(type.qualified());
    }

    /** Nothing is created in a namespace that is missing or on its way out. */
    void openForCreation(ResourceType type, String namespace, String name) {
        if (!type.namespaced()) {
            return;
        }
        Optional<ObjectNode> home = store.get("namespaces", "", namespace);
        if (home.isEmpty()) {
            throw ApiError.of(404, "NotFound", "namespaces \"" + namespace + "\" not found")
                    .about(new ResourceType("", "v1", "Namespace", "namespaces", false, false), namespace);
        }
        if (Json.deleting(home.get())) {
            throw ApiError.forbidden(
                            type,
                            name,
                            "unable to create new content in namespace " + namespace
                                    + " because it is being terminated")
                    .cause(
                            "NamespaceTerminating",
                            "namespace " + namespace + " is being terminated",
                            "metadata.namespace");
        }
    }

    /** An apply that finds nothing creates: for that the right to patch is not enough. */
    void mayCreate(ResourceType type, String namespace, String name, User user) {
        openForCreation(type, namespace, name);
        Rbac.Attempt attempt = new Rbac.Attempt("create", type.group(), type.plural(), namespace, name);
        if (!rbac.allows(user, attempt)) {
            // the real server says no more than this
            throw ApiError.forbidden(type, name, "");
        }
    }

    void validateCreation(ResourceType type, String namespace, ObjectNode object, User user) {
        String name = Json.name(object);
        boolean label = type.is("namespaces") || type.is("services");
        boolean free = type.group().startsWith("rbac.");
        if (!free && !(label ? LABEL : SUBDOMAIN).matcher(name).matches()) {
            throw ApiError.invalid(
                    type,
                    name,
                    "metadata.name",
                    "Invalid value: \"" + name + "\": " + (label ? LABEL_RULE : SUBDOMAIN_RULE));
        }
        if (name.length() > (label ? 63 : 253)) {
            throw ApiError.invalid(
                    type,
                    name,
                    "metadata.name",
                    "Invalid value: \"" + name + "\": must be no more than " + (label ? 63 : 253) + " characters");
        }
        switch (type.qualified()) {
            case "pods" -> pod(type, namespace, object);
            case "persistentvolumeclaims" -> storageClass(object);
            case "jobs.batch" -> {
                if (!version.knowsPodReplacementPolicy()) {
                    Json.child(object, "spec").remove("podReplacementPolicy");
                }
                requireContainers(type, object, "/spec/template/spec", "spec.template.spec");
                String policy = Json.text(object, "/spec/template/spec/restartPolicy");
                if (!policy.equals("Never") && !policy.equals("OnFailure")) {
                    throw ApiError.invalid(
                            type,
                            name,
                            "spec.template.spec.restartPolicy",
                            policy.isEmpty() || policy.equals("Always")
                                    ? "Required value: valid values: \"OnFailure\", \"Never\""
                                    : "Unsupported value: \"" + policy
                                            + "\": supported values: \"OnFailure\", \"Never\"");
                }
            }
            case "deployments.apps" -> requireContainers(type, object, "/spec/template/spec", "spec.template.spec");
            default -> {}
        }
        rbac.checkGrant(type, namespace, object, user);
        customResources.validate(type, object);
        quotas.admit(type, namespace, object);
    }

    /** Admission plugin DefaultStorageClass. */
    private void storageClass(ObjectNode claim) {
        ObjectNode spec = Json.child(claim, "spec");
        for (ObjectNode storageClass : store.list("storageclasses.storage.k8s.io", "")) {
            boolean isDefault = "true"
                    .equals(storageClass
                            .at("/metadata/annotations")
                            .path("storageclass.kubernetes.io/is-default-class")
                            .asText());
            if (isDefault && !spec.has("storageClassName")) {
                spec.put("storageClassName", Json.name(storageClass));
            }
        }
    }

    private void pod(ResourceType type, String namespace, ObjectNode pod) {
        String account = Json.text(pod, "/spec/serviceAccountName");
        if (store.get("serviceaccounts", namespace, account).isEmpty()) {
            throw ApiError.forbidden(
                    type,
                    Json.name(pod),
                    "error looking up service account " + namespace + "/" + account + ": serviceaccount \"" + account
                            + "\" not found");
        }
        requireContainers(type, pod, "/spec", "spec");
        quotas.limitRange(namespace, pod);
    }

    private static void requireContainers(ResourceType type, ObjectNode object, String pointer, String field) {
        JsonNode containers = object.at(pointer + "/containers");
        if (containers.isEmpty()) {
            throw ApiError.invalid(type, Json.name(object), field + ".containers", "Required value");
        }
        for (int i = 0; i < containers.size(); i++) {
            for (String required : new String[] {"name", "image"}) {
                if (Json.text(containers.get(i), "/" + required).isEmpty()) {
                    throw ApiError.invalid(
                            type, Json.name(object), field + ".containers[" + i + "]." + required, "Required value");
                }
            }
        }
    }

    void validateUpdate(ResourceType type, ObjectNode before, ObjectNode after, User user) {
        String name = Json.name(after);
        if (type.is("jobs.batch")) {
            immutable(type, before, after, "/spec/template", "spec.template");
            immutable(type, before, after, "/spec/selector", "spec.selector");
            immutable(type, before, after, "/spec/completions", "spec.completions");
        } else if (type.is("deployments.apps")) {
            immutable(type, before, after, "/spec/selector", "spec.selector");
        } else if (type.is("secrets")) {
            immutable(type, before, after, "/type", "type");
        } else if (type.plural().endsWith("rolebindings")
                && !before.path("roleRef").equals(after.path("roleRef"))) {
            throw ApiError.invalid(
                    type, name, "roleRef", "Invalid value: " + after.path("roleRef") + ": cannot change roleRef");
        }
        if (before.path("immutable").asBoolean()
                && (!before.path("data").equals(after.path("data"))
                        || !after.path("immutable").asBoolean())) {
            throw ApiError.invalid(type, name, "data", "Forbidden: field is immutable when `immutable` is set");
        }
        rbac.checkGrant(type, Json.namespace(after), after, user);
        customResources.validate(type, after);
    }

    private static void immutable(ResourceType type, JsonNode before, JsonNode after, String pointer, String field) {
        if (!before.at(pointer).equals(after.at(pointer))) {
            throw ApiError.invalid(
                    type, Json.name(after), field, "Invalid value: " + after.at(pointer) + ": field is immutable");
        }
    }
}
