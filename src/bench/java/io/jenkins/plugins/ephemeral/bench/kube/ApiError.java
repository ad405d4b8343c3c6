package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An answer other than success, as the API's {@code Status} object. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int code;
    private final transient ObjectNode status;

    private ApiError(int code, String reason, String message) {
        super(message);
        this.code = code;
        status = Json.object()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("message", message)
                .put("reason", reason)
                .put("code", code);
        status.putObject("metadata");
    }

    int code() {
        return code;
    }

    ObjectNode status() {
        return status;
    }

    ApiError about(ResourceType type, String name) {
        ObjectNode details = Json.child(status, "details");
        Json.put(details, "name", name);
        Json.put(details, "group", type.group());
        return this.kind(type.plural());
    }

    private ApiError kind(String kind) {
        Json.child(status, "details").put("kind", kind);
        return this;
    }

    ApiError cause(String reason, String message, String field) {
        Json.list(Json.child(status, "details"), "causes")
                .addObject()
                .put("reason", reason)
                .put("message", message)
                .put("field", field);
        return this;
    }

    ApiError retryAfterSeconds(int seconds) {
        Json.child(status, "details").put("retryAfterSeconds", seconds);
        return this;
    }

    static ApiError of(int code, String reason, String message) {
        return new ApiError(code, reason, message);
    }

    static ApiError badRequest(String message) {
        return of(400, "BadRequest", message);
    }

    static ApiError notFound(ResourceType type, String name) {
        return of(404, "NotFound", type.qualified() + " \"" + name + "\" not found")
                .about(type, name);
    }

    static ApiError noSuchPath() {
        return of(404, "NotFound", "the server could not find the requested resource");
    }

    static ApiError alreadyExists(ResourceType type, String name) {
        return of(409, "AlreadyExists", type.qualified() + " \"" + name + "\" already exists")
                .about(type, name);
    }

    static ApiError conflict(ResourceType type, String name, String why) {
        return of(409, "Conflict", "Operation cannot be fulfilled on " + type.qualified() + " \"" + name + "\": " + why)
                .about(type, name);
    }

    static ApiError staleUid(ResourceType type, String name, String wanted, String actual) {
        return of(
                        409,
                        "Conflict",
                        "Operation cannot be fulfilled on " + type.kind() + " \"" + name
                                + "\": the UID in the precondition ("
                                + wanted + ") does not match the UID in record (" + actual
                                + "). The object might have been deleted and then recreated")
                .about(type, name);
    }

    static ApiError forbidden(ResourceType type, String name, String why) {
        String object = name.isEmpty() ? type.qualified() : type.qualified() + " \"" + name + "\"";
        return of(403, "Forbidden", object + " is forbidden: " + why).about(type, name);
    }

    static ApiError invalid(ResourceType type, String name, String field, String why) {
        return of(
                        422,
                        "Invalid",
                        type.kind() + (type.group().isEmpty() ? "" : "." + type.group()) + " \"" + name
                                + "\" is invalid: " + field + ": " + why)
                .about(type, name)
                .kind(type.kind())
                .cause("FieldValueInvalid", why, field);
    }

    /** What the server answers, as an error or inside a watch, to a revision that it no longer has. */
    static ApiError expired(String message) {
        return of(410, "Expired", message);
    }

    static ApiError methodNotAllowed() {
        return of(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }
}
