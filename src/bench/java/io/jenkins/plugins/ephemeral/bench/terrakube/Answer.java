package io.jenkins.plugins.ephemeral.bench.terrakube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;

/** An answer with a whole body. */
record Answer(int status, String type, byte[] body) {
    static final String JSON_API = "application/vnd.api+json";

    static Answer document(int status, JsonNode document) {
        return new Answer(status, JSON_API, document.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** JSON:API's error document. */
    static Answer error(int status, String detail) {
        ObjectMapper json = new ObjectMapper();
        var document = json.createObjectNode();
        document.putArray("errors")
                .addObject()
                .put("status", String.valueOf(status))
                .put("detail", detail);
        return document(status, document);
    }
}
