package io.jenkins.plugins.ephemeral.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The API server's audit log from a moment on: one JSON object per line and stage of a request (audit.k8s.io/v1). */
final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final long from;

    /** What comes to the log from now on. */
    AuditLog(Path file) throws IOException {
        this.file = file;
        this.from = Files.size(file);
    }

    /** One request, whatever number of stages were logged of it. */
    static final class Request {
        final String userAgent;
        final String verb;
        final String resource;
        /** The namespace that it was about or in; empty for all of them. */
        final String namespace;

        final int code;

        Request(JsonNode event) {
            JsonNode object = event.path("objectRef");
            userAgent = event.path("userAgent").asText();
            verb = event.path("verb").asText();
            String kind = object.path("resource").asText();
            String part = object.path("subresource").asText();
            resource = kind.isEmpty() ? document(event) : kind + (part.isEmpty() ? "" : '/' + part);
            // a creation of a namespace is in none, but names it
            String name = kind.equals("namespaces") ? object.path("name").asText() : "";
            namespace = object.path("namespace").asText(name);
            code = event.path("responseStatus").path("code").asInt();
        }

        private static String document(JsonNode event) {
            String path = event.path("requestURI").asText().replaceAll("\\?.*", "");
            return path.matches("/apis?(/.*)?") ? "discovery" : path;
        }

        /** Verb and resource, and the answer where it was none of success. */
        String call() {
            return verb + ' ' + resource + (code >= 400 ? ", answered " + code : "");
        }
    }

    /** The requests whose client's user agent begins like this, in the order in which they were answered. */
    List<Request> requests(String userAgent) throws IOException {
        List<Request> found = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (String line : text().split("\n")) {
            if (line.isEmpty()) {
                continue;
            }
            JsonNode event = JSON.readTree(line);
            Request request = new Request(event);
            // a watch is logged when it begins and when it ends
            if (request.userAgent.startsWith(userAgent)
                    && known.add(event.path("auditID").asText())) {
                found.add(request);
            }
        }
        return found;
    }

    private String text() throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[Math.toIntExact(log.length() - from)];
            log.seek(from);
            log.readFully(bytes);
            String all = new String(bytes, StandardCharsets.UTF_8);
            // the last line may be being written
            return all.substring(0, all.lastIndexOf('\n') + 1);
        }
    }
}
