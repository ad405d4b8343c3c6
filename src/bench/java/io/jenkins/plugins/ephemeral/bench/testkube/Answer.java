package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;

/** What the server answers: a status and a body, whole or as a stream. */
final class Answer {
    /** A body that is written while it comes into being. */
    interface Stream {
        void writeTo(OutputStream out) throws IOException, InterruptedException;
    }

    private static final byte[] NOTHING = {};

    private final int status;
    private final String contentType;
    private final byte[] body;
    private final Stream stream;

    Answer(int status, String contentType, byte[] body) {
        this(status, contentType, body, null);
    }

    private Answer(int status, String contentType, byte[] body, Stream stream) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.stream = stream;
    }

    static Answer json(JsonNode tree) {
        return json(200, tree);
    }

    static Answer json(int status, JsonNode tree) {
        return new Answer(status, "application/json", Json.bytes(tree));
    }

    static Answer noContent() {
        return new Answer(204, null, NOTHING);
    }

    static Answer stream(String contentType, Stream stream) {
        return new Answer(200, contentType, NOTHING, stream);
    }

    int status() {
        return status;
    }

    /** Media type, or null for an answer without a body. */
    String contentType() {
        return contentType;
    }

    byte[] body() {
        return body.clone();
    }

    /** The streamed body, or null. */
    Stream stream() {
        return stream;
    }
}
