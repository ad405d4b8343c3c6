package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One request: method, undecoded path, query, headers (names in lower case), body, and the route's path parameters. */
final class Call {
    private final String method;
    private final URI uri;
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private final Map<String, String> headers;
    private final byte[] body;
    private Map<String, String> rawParameters = Map.of();

    Call(String method, URI uri, Map<String, String> headers, byte[] body) {
        this.method = method;
        this.uri = uri;
        this.headers = headers;
        this.body = body.clone();
        if (uri.getRawQuery() != null) {
            for (String pair : uri.getRawQuery().split("&")) {
                String[] parts = pair.split("=", 2);
                query.computeIfAbsent(decode(parts[0]), k -> new ArrayList<>())
                        .add(parts.length == 2 ? decode(parts[1]) : "");
            }
        }
    }

    static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    void matched(Map<String, String> rawPathParameters) {
        rawParameters = rawPathParameters;
    }

    String method() {
        return method;
    }

    String rawPath() {
        return uri.getRawPath();
    }

    URI uri() {
        return uri;
    }

    /** A path parameter, decoded once. */
    String parameter(String name) {
        return decode(rawParameters.get(name));
    }

    /** A path parameter as it was sent. */
    String rawParameter(String name) {
        return rawParameters.get(name);
    }

    /** The first value of a query parameter, or an empty string. */
    String query(String name) {
        return queries(name).stream().findFirst().orElse("");
    }

    List<String> queries(String name) {
        return query.getOrDefault(name, List.of());
    }

    /** A header, or an empty string. */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    Map<String, String> headers() {
        return headers;
    }

    byte[] body() {
        return body.clone();
    }

    boolean hasYaml() {
        return isYaml(header("content-type"));
    }

    boolean wantsYaml() {
        return isYaml(header("accept")) || "true".equals(query("_yaml"));
    }

    private static boolean isYaml(String mediaType) {
        return mediaType.startsWith("text/yaml") || mediaType.startsWith("application/yaml");
    }

    /** @throws Problem 400 if the body is no JSON object */
    ObjectNode json() {
        return Json.parse(body);
    }
}
