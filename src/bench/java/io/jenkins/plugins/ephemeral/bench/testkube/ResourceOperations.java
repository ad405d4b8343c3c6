package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.function.Consumer;

/** The operations of agent.yaml on workflows or on templates; JSON in and out is the API's form, YAML the custom resource. */
final class ResourceOperations {
    private final ResourceStore resources;
    private final Consumer<String> executionsDeleted;

    /** @param executionsDeleted called with the name of a resource that is deleted together with its executions */
    ResourceOperations(ResourceStore resources, Consumer<String> executionsDeleted) {
        this.resources = resources;
        this.executionsDeleted = executionsDeleted;
    }

    void addTo(EnvironmentRoutes routes, String path) {
        routes.add("GET", path, this::list)
                .add("POST", path, this::create)
                .add("PUT", path, this::validate)
                .add("DELETE", path, this::deleteSelected)
                .add("GET", path + "/{name}", this::get)
                .add("PUT", path + "/{name}", this::update)
                .add("DELETE", path + "/{name}", this::delete);
    }

    private Answer list(Call call) {
        ArrayNode all = Json.array();
        ByteArrayOutputStream yaml = new ByteArrayOutputStream();
        for (String name : resources.names()) {
            ObjectNode api = resources.api(name);
            if (selected(call, api)) {
                all.add(api);
                yaml.writeBytes(yaml(name));
            }
        }
        return call.wantsYaml() ? new Answer(200, "text/yaml", yaml.toByteArray()) : Answer.json(all);
    }

    private static boolean selected(Call call, JsonNode api) {
        return Selectors.matches(call.query("selector"), Json.strings(api.path("labels")));
    }

    private byte[] yaml(String name) {
        return Json.yaml(CrForm.toYamlForm(resources.find(name).orElseThrow(), resources.kind()));
    }

    private Answer create(Call call) {
        ObjectNode resource = read(call);
        resources.create(resource);
        return one(call, resource.path("name").asText());
    }

    private ObjectNode read(Call call) {
        return call.hasYaml() ? CrForm.fromYaml(call.body(), resources.kind()) : CrForm.fromApi(call.json());
    }

    private Answer one(Call call, String name) {
        ObjectNode api = resources.api(name);
        return call.wantsYaml() ? new Answer(200, "text/yaml", yaml(name)) : Answer.json(api);
    }

    private Answer validate(Call call) {
        if (CrForm.fromYaml(call.body(), resources.kind()).path("name").asText().isEmpty()) {
            throw Problem.badRequest("invalid name: name is required");
        }
        return Answer.noContent();
    }

    private Answer get(Call call) {
        return one(call, call.parameter("name"));
    }

    private Answer update(Call call) {
        String name = call.parameter("name");
        resources.update(name, read(call));
        return one(call, name);
    }

    private Answer delete(Call call) {
        delete(call, call.parameter("name"));
        return Answer.noContent();
    }

    private void delete(Call call, String name) {
        resources.delete(name);
        if (!"true".equals(call.query("skipDeleteExecutions"))) {
            executionsDeleted.accept(name);
        }
    }

    private Answer deleteSelected(Call call) {
        for (String name : resources.names()) {
            Map<String, String> labels = Json.strings(resources.api(name).path("labels"));
            if (Selectors.matches(call.query("selector"), labels)) {
                delete(call, name);
            }
        }
        return Answer.noContent();
    }
}
