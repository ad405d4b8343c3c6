package io.jenkins.plugins.ephemeral.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.github.fge.jsonschema.core.exceptions.ProcessingException;
import com.github.fge.jsonschema.core.report.ProcessingReport;
import com.github.fge.jsonschema.main.JsonSchema;
import com.github.fge.jsonschema.main.JsonSchemaFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The schema of one of Testkube's custom resources, applied as the API server does with unknown fields refused. */
final class CrdSchema {
    private static final ObjectMapper YAML = new YAMLMapper();

    private final JsonSchema schema;

    /** @param plural such as {@code testworkflows}: the file below {@code testkube/crd} of the test resources */
    CrdSchema(String plural) {
        try (InputStream in = CrdSchema.class.getResourceAsStream("/testkube/crd/" + plural + ".yaml.gz")) {
            JsonNode definition = YAML.readTree(new GZIPInputStream(in));
            ObjectNode root = (ObjectNode) definition.at("/spec/versions/0/schema/openAPIV3Schema");
            // checked by the API server itself, and left open in every definition
            ((ObjectNode) root.at("/properties/metadata")).put("x-kubernetes-preserve-unknown-fields", true);
            close(root);
            schema = JsonSchemaFactory.byDefault().getJsonSchema(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("properties").isObject()) {
            boolean open = object.path("x-kubernetes-preserve-unknown-fields").asBoolean();
            if (!open && !object.has("additionalProperties")) {
                object.put("additionalProperties", false);
            }
        }
        node.forEach(CrdSchema::close);
    }

    /** What is wrong with a resource; empty if nothing is. */
    List<String> violations(String yaml) {
        try {
            ProcessingReport report = schema.validate(YAML.readTree(yaml));
            List<String> violations = new ArrayList<>();
            report.forEach(message -> {
                if (message.getLogLevel().compareTo(com.github.fge.jsonschema.core.report.LogLevel.ERROR) >= 0) {
                    violations.add(message.asJson().at("/instance/pointer").asText() + ": " + message.getMessage());
                }
            });
            return violations;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        } catch (ProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
