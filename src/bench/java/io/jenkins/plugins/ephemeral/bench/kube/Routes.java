package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** From a request to its answer: authentication, authorization, and the operation that path and method name. */
final class Routes {
    /** An answer that is complete. */
    record Answer(int code, JsonNode body) {}

    private final ResourceTypes types;
    private final Resources resources;
    private final Admission admission;
    private final Rbac rbac;
    private final Rights rights;
    private final Reviews reviews;
    private final Discovery discovery;
    private final Lists lists;
    private final ServiceProxies proxies = new ServiceProxies();

    Routes(
            ResourceTypes types,
            Resources resources,
            Admission admission,
            Rbac rbac,
            Rights rights,
            Reviews reviews,
            Discovery discovery) {
        this.types = types;
        this.resources = resources;
        this.admission = admission;
        this.rbac = rbac;
        this.rights = rights;
        this.reviews = reviews;
        this.discovery = discovery;
        lists = new Lists(resources.store());
    }

    ServiceProxies proxies() {
        return proxies;
    }

    User authenticate(ApiRequest request) {
        String token = request.header("authorization").replaceFirst("(?i)^Bearer\\s+", "");
        return rights.bearer(token).orElseThrow(() -> ApiError.of(401, "Unauthorized", "Unauthorized"));
    }

    /** Refuses what the user may not do. */
    void authorize(ApiRequest request, User user) {
        if (request.isResource() && !rbac.allows(user, request.attempt())) {
            throw Rbac.forbidden(user, request.attempt());
        }
    }

    ResourceType type(ApiRequest request) {
        return types.find(request.group(), request.version(), request.resource())
                .orElseThrow(ApiError::noSuchPath);
    }

    Answer answer(ApiRequest request, User user) {
        if (!request.isResource()) {
            return document(request);
        }
        ObjectNode review = reviews.answer(request, user);
        if (review != null) {
            return new Answer(201, review);
        }
        ResourceType type = type(request);
        if (type.namespaced()
                && request.namespace().isEmpty()
                && !request.verb().equals("list")) {
            throw ApiError.methodNotAllowed();
        }
        if (type.is("services") && request.subresource().equals("proxy")) {
            resources.get(type, request.namespace(), request.name().replaceFirst(":.*", ""));
            return proxies.answer(request);
        }
        boolean known = request.subresource().isEmpty()
                || request.subresource().equals("status") && admission.hasStatus(type)
                || request.subresource().equals("finalize") && type.is("namespaces");
        if (!known) {
            throw ApiError.noSuchPath();
        }
        return switch (request.verb()) {
            case "get" -> new Answer(200, Lists.as(type, resources.get(type, request.namespace(), request.name())));
            case "list" -> new Answer(200, lists.list(type, request));
            case "create" -> {
                if (!request.name().isEmpty()) {
                    throw ApiError.methodNotAllowed();
                }
                yield new Answer(
                        201, resources.create(type, request.namespace(), request.object(), call(request, user)));
            }
            case "update" -> update(type, request, call(request, user));
            case "patch" -> patch(type, request, call(request, user));
            case "delete" -> delete(type, request, request.name(), call(request, user));
            case "deletecollection" -> deleteCollection(type, request, call(request, user));
            default -> throw ApiError.methodNotAllowed();
        };
    }

    private Answer document(ApiRequest request) {
        if (request.path().matches("/(healthz|livez|readyz)")) {
            return new Answer(200, Json.MAPPER.getNodeFactory().textNode("ok"));
        }
        return Optional.ofNullable(discovery.answer(request.segments()))
                .map(document -> new Answer(200, document))
                .orElseThrow(ApiError::noSuchPath);
    }

    private static Call call(ApiRequest request, User user) {
        String manager = request.query("fieldManager");
        if (manager.isEmpty()) {
            manager = request.header("user-agent").replaceFirst("[/ ].*", "");
        }
        String dryRun = request.query("dryRun");
        if (dryRun.isEmpty() && request.method().equals("DELETE")) {
            dryRun = Json.text(request.object(), "/dryRun/0");
        }
        if (!dryRun.isEmpty() && !dryRun.equals("All")) {
            throw ApiError.badRequest("dryRun: Unsupported value: \"" + dryRun + "\": supported values: \"All\"");
        }
        boolean apply = contentType(request).startsWith("application/apply-patch");
        return new Call(user, manager, !dryRun.isEmpty(), apply, request.isSet("force"));
    }

    private static String contentType(ApiRequest request) {
        return request.header("content-type").replaceFirst(";.*", "").trim();
    }

    private Answer update(ResourceType type, ApiRequest request, Call call) {
        ObjectNode body = request.object();
        String name = Json.name(body);
        if (!name.equals(request.name())) {
            throw ApiError.badRequest("the name of the object (" + name + ") does not match the name on the URL ("
                    + request.name() + ")");
        }
        boolean status = request.subresource().equals("status");
        return new Answer(200, resources.update(type, request.namespace(), name, status, live -> body, call));
    }

    private Answer patch(ResourceType type, ApiRequest request, Call call) {
        String namespace = request.namespace();
        String name = request.name();
        if (!call.apply()) {
            JsonNode patch = Json.read(request.bytes());
            boolean status = request.subresource().equals("status");
            return new Answer(
                    200,
                    resources.update(
                            type,
                            namespace,
                            name,
                            status,
                            live -> Merge.patched(unversioned(live), patch, contentType(request), type.custom()),
                            call));
        }
        if (request.query("fieldManager").isEmpty()) {
            throw ApiError.of(
                    422,
                    "Invalid",
                    "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }
        boolean present =
                resources.store().get(Store.Key.of(type, namespace, name)).isPresent();
        ObjectNode applied = resources.apply(type, namespace, name, request.object(), call);
        return new Answer(present ? 200 : 201, applied);
    }

    /** A patch names a revision only where its author does: the live object's own must not count as one. */
    private static ObjectNode unversioned(ObjectNode live) {
        ObjectNode copy = live.deepCopy();
        Json.meta(copy).remove("resourceVersion");
        return copy;
    }

    private Answer delete(ResourceType type, ApiRequest request, String name, Call call) {
        return new Answer(200, resources.delete(type, request.namespace(), name, deleteOptions(request), call));
    }

    private static ObjectNode deleteOptions(ApiRequest request) {
        ObjectNode options = request.object();
        if (!request.query("propagationPolicy").isEmpty()) {
            options.put("propagationPolicy", request.query("propagationPolicy"));
        }
        if (!request.query("gracePeriodSeconds").isEmpty()) {
            options.put("gracePeriodSeconds", Long.parseLong(request.query("gracePeriodSeconds")));
        }
        return options;
    }

    private Answer deleteCollection(ResourceType type, ApiRequest request, Call call) {
        if (type.is("namespaces")) {
            throw ApiError.methodNotAllowed();
        }
        ObjectNode list = lists.list(type, request);
        list.path("items").forEach(o -> delete(type, request, Json.name(o), call));
        return new Answer(200, list);
    }
}
