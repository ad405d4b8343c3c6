package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Rbac.Attempt;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** One HTTP request, taken apart as the API server does. */
final class ApiRequest {
    private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");

    private final String method;
    private final String path;
    private final Map<String, String> query;
    private final Map<String, String> headers;
    private final byte[] body;
    private final List<String> segments;
    private String group = "";
    private String version = "";
    private String namespace = "";
    private String resource = "";
    private String name = "";
    private List<String> sub = List.of();

    /**
     * @param path raw path
     * @param headers by lower-case name
     */
    ApiRequest(String method, String path, Map<String, String> query, Map<String, String> headers, byte[] body) {
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = headers;
        this.body = body;
        segments = Arrays.stream(path.split("/"))
                .filter(s -> !s.isEmpty())
                .map(s -> URLDecoder.decode(s.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
        int start = path.startsWith("/api/") ? 2 : path.startsWith("/apis/") ? 3 : segments.size();
        if (segments.size() > start) {
            group = start == 3 ? segments.get(1) : "";
            version = segments.get(start - 1);
            parse(segments.subList(start, segments.size()));
        }
    }

    private void parse(List<String> rest) {
        List<String> left = rest;
        if (rest.get(0).equals("namespaces") && rest.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(rest.get(2))) {
            namespace = rest.get(1);
            left = rest.subList(2, rest.size());
        }
        resource = left.get(0);
        name = left.size() > 1 ? left.get(1) : "";
        sub = left.size() > 2 ? List.copyOf(left.subList(2, left.size())) : List.of();
    }

    String method() {
        return method;
    }

    String path() {
        return path;
    }

    List<String> segments() {
        return segments;
    }

    String group() {
        return group;
    }

    String version() {
        return version;
    }

    String namespace() {
        return namespace;
    }

    String resource() {
        return resource;
    }

    String name() {
        return name;
    }

    String subresource() {
        return sub.isEmpty() ? "" : sub.get(0);
    }

    /** What follows the subresource, for proxies. */
    String afterSubresource() {
        return sub.size() < 2 ? "" : String.join("/", sub.subList(1, sub.size()));
    }

    boolean isResource() {
        return !resource.isEmpty();
    }

    String query(String parameter) {
        return query.getOrDefault(parameter, "");
    }

    boolean isSet(String parameter) {
        return query(parameter).equals("true") || query(parameter).equals("1");
    }

    Map<String, String> query() {
        return query;
    }

    String header(String nameInLowerCase) {
        return headers.getOrDefault(nameInLowerCase, "");
    }

    byte[] bytes() {
        return body;
    }

    /** The body as an object; empty where there is none. */
    ObjectNode object() {
        JsonNode tree = body.length == 0 ? Json.object() : Json.read(body);
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw ApiError.badRequest("the object provided is unrecognized (must be of type Object)");
    }

    boolean isWatch() {
        return method.equals("GET") && isSet("watch") && subresource().isEmpty();
    }

    /** The API verb; for paths that are no resources, the method in lower case. */
    String verb() {
        boolean named = !name.isEmpty();
        return switch (method) {
            case "GET", "HEAD" -> !isResource() || named && !isWatch() ? "get" : isWatch() ? "watch" : "list";
            case "POST" -> isResource() ? "create" : "post";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> named || !isResource() ? "delete" : "deletecollection";
            default -> method.toLowerCase(java.util.Locale.ROOT);
        };
    }

    /** The resource with its subresource, as roles name it. */
    String fullResource() {
        return subresource().isEmpty() ? resource : resource + "/" + subresource();
    }

    Attempt attempt() {
        String home = resource.equals("namespaces") && namespace.isEmpty() ? name : namespace;
        return new Attempt(verb(), group, fullResource(), home, name);
    }

    String queryText() {
        return query.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining("&"));
    }
}
