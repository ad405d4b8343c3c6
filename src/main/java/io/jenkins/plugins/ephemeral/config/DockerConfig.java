package io.jenkins.plugins.ephemeral.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The file that {@code docker login} writes, which is what a Secret for pulling images holds. */
final class DockerConfig {
    private static final String HUB = "https://index.docker.io/v1/";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private DockerConfig() {}

    /** @param registry host of the registry, null or empty for Docker Hub */
    static String of(String registry, String user, String password) {
        ObjectNode config = MAPPER.createObjectNode();
        config.putObject("auths")
                .putObject(registry == null || registry.isBlank() ? HUB : registry.strip())
                .put("username", user)
                .put("password", password)
                .put(
                        "auth",
                        Base64.getEncoder().encodeToString((user + ':' + password).getBytes(StandardCharsets.UTF_8)));
        return config.toString();
    }

    static boolean isOne(String text) {
        try {
            JsonNode config = MAPPER.readTree(text);
            return config != null && config.path("auths").isObject();
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
