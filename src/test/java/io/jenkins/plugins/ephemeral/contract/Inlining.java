package io.jenkins.plugins.ephemeral.contract;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Rewrites a document without changing what it says, for a validator that refuses properties which a schema does not
 * declare: it would apply that to each part of an {@code allOf} alone, and does not follow references to responses.
 */
final class Inlining {
    private final OpenAPI api;

    private Inlining(OpenAPI api) {
        this.api = api;
    }

    static void apply(OpenAPI api) {
        Inlining inlining = new Inlining(api);
        inlining.responses();
        Map<String, Schema> schemas = api.getComponents().getSchemas();
        schemas.replaceAll((name, schema) -> inlining.merged(schema));
    }

    private void responses() {
        api.getPaths().values().forEach(path -> path.readOperations()
                .forEach(operation -> operation.getResponses().replaceAll((status, response) -> {
                    ApiResponse inlined = response.get$ref() == null
                            ? response
                            : api.getComponents().getResponses().get(name(response.get$ref()));
                    if (inlined.getContent() != null) {
                        inlined.getContent().values().forEach(media -> media.setSchema(merged(media.getSchema())));
                    }
                    return inlined;
                })));
    }

    private static String name(String reference) {
        return reference.substring(reference.lastIndexOf('/') + 1);
    }

    private Schema<?> merged(Schema<?> schema) {
        if (schema.getAllOf() == null) {
            return schema;
        }
        Map<String, Schema> properties = new LinkedHashMap<>();
        TreeSet<String> required = new TreeSet<>();
        for (Schema<?> part : schema.getAllOf()) {
            Schema<?> whole = merged(
                    part.get$ref() == null
                            ? part
                            : api.getComponents().getSchemas().get(name(part.get$ref())));
            if (whole.getProperties() != null) {
                properties.putAll(whole.getProperties());
            }
            if (whole.getRequired() != null) {
                required.addAll(whole.getRequired());
            }
        }
        Schema<?> merged = new ObjectSchema().description(schema.getDescription());
        merged.setProperties(properties);
        merged.setRequired(java.util.List.copyOf(required));
        return merged;
    }
}
