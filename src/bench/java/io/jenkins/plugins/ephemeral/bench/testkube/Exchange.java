package io.jenkins.plugins.ephemeral.bench.testkube;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One request and what it was answered.
 *
 * @param method HTTP method
 * @param uri path and query as they were sent
 * @param requestHeaders names in lower case
 * @param requestBody body, empty if none
 * @param status status of the answer; 0 if the connection was dropped without one
 * @param responseType media type of the answer, or null
 * @param responseBody body, empty for none and for streams
 */
public record Exchange(
        String method,
        URI uri,
        Map<String, String> requestHeaders,
        byte[] requestBody,
        int status,
        String responseType,
        byte[] responseBody) {

    /** Path as it was sent. */
    public String path() {
        return uri.getRawPath();
    }

    /** Request body as text. */
    public String requestText() {
        return new String(requestBody, StandardCharsets.UTF_8);
    }

    /** Response body as text. */
    public String responseText() {
        return new String(responseBody, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return method + " " + uri + " -> " + status;
    }
}
