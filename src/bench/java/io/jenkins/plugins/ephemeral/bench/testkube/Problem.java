package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An answer that is an error: a problem document (RFC 9457), which is how both of Testkube's APIs report them. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String title;
    private final String errorCode;

    /** @param errorCode Testkube's finer error kind such as {@code user-limit}, or null */
    Problem(int status, String title, String detail, String errorCode) {
        super(detail);
        this.status = status;
        this.title = title;
        this.errorCode = errorCode;
    }

    static Problem badRequest(String detail) {
        return new Problem(400, "Bad Request", detail, null);
    }

    static Problem notFound(String detail) {
        return new Problem(404, "Not Found", detail, null);
    }

    static Problem internal(String detail) {
        return new Problem(500, "Internal Server Error", detail, null);
    }

    int status() {
        return status;
    }

    Answer answer(String instance) {
        ObjectNode body = Json.object();
        body.put("type", "about:blank")
                .put("title", title)
                .put("status", status)
                .put("detail", getMessage())
                .put("instance", instance);
        if (errorCode != null) {
            body.put("errorCode", errorCode);
        }
        return new Answer(status, "application/problem+json", Json.bytes(body));
    }
}
