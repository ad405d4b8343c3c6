package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The environment variables of one container, and {@code $(NAME)} in its command and arguments. */
final class ContainerEnvironment {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$|\\$\\(([A-Za-z_.-][A-Za-z0-9_.-]*)\\)");
    private static final Pattern ANNOTATED = Pattern.compile("metadata\\.(labels|annotations)\\['([^']*)'\\]");

    private final Store store;
    private final JsonNode pod;
    private final Map<String, String> variables = new LinkedHashMap<>();

    ContainerEnvironment(Store store, JsonNode pod, JsonNode container) throws PodFiles.Missing {
        this.store = store;
        this.pod = pod;
        for (JsonNode source : container.path("envFrom")) {
            addAll(source);
        }
        for (JsonNode variable : container.path("env")) {
            String value = variable.has("valueFrom")
                    ? valueFrom(variable.get("valueFrom"), container)
                    : expand(Json.text(variable, "/value"));
            if (value != null) {
                variables.put(Json.text(variable, "/name"), value);
            }
        }
    }

    Map<String, String> variables() {
        return variables;
    }

    private void addAll(JsonNode source) throws PodFiles.Missing {
        String kind = source.has("secretRef") ? "secret" : "configmap";
        JsonNode reference = source.path(source.has("secretRef") ? "secretRef" : "configMapRef");
        Optional<ObjectNode> found = find(kind, reference);
        if (found.isPresent()) {
            String prefix = Json.text(source, "/prefix");
            Json.texts(found.get().path("data")).forEach((k, v) -> variables.put(prefix + k, decode(kind, v)));
        }
    }

    private Optional<ObjectNode> find(String kind, JsonNode reference) throws PodFiles.Missing {
        String name = Json.text(reference, "/name");
        Optional<ObjectNode> found = store.get(kind + "s", Json.namespace(pod), name);
        if (found.isEmpty() && !reference.path("optional").asBoolean()) {
            throw new PodFiles.Missing(kind + " \"" + name + "\" not found");
        }
        return found;
    }

    private static String decode(String kind, String value) {
        return kind.equals("secret") ? new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8) : value;
    }

    private String valueFrom(JsonNode source, JsonNode container) throws PodFiles.Missing {
        if (source.has("fieldRef")) {
            return field(pod, Json.text(source, "/fieldRef/fieldPath"));
        }
        if (source.has("resourceFieldRef")) {
            String[] resource = Json.text(source, "/resourceFieldRef/resource").split("\\.", 2);
            return container.at("/resources/" + resource[0]).path(resource[1]).asText("0");
        }
        String kind = source.has("secretKeyRef") ? "secret" : "configmap";
        JsonNode reference = source.path(kind.equals("secret") ? "secretKeyRef" : "configMapKeyRef");
        Optional<ObjectNode> found = find(kind, reference);
        JsonNode value = found.map(o -> o.path("data").path(Json.text(reference, "/key")))
                .orElse(null);
        if (value != null && value.isTextual()) {
            return decode(kind, value.asText());
        }
        if (reference.path("optional").asBoolean()) {
            return null;
        }
        throw new PodFiles.Missing("couldn't find key " + Json.text(reference, "/key") + " in "
                + (kind.equals("secret") ? "Secret " : "ConfigMap ") + Json.namespace(pod) + "/"
                + Json.text(reference, "/name"));
    }

    static String field(JsonNode pod, String path) {
        Matcher annotated = ANNOTATED.matcher(path);
        if (annotated.matches()) {
            return pod.at("/metadata/" + annotated.group(1))
                    .path(annotated.group(2))
                    .asText("");
        }
        return Json.text(pod, "/" + path.replace('.', '/'));
    }

    /** Replaces {@code $(NAME)}; unknown names stay as they are, {@code $$} is one dollar. */
    String expand(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder expanded = new StringBuilder();
        while (matcher.find()) {
            String value =
                    matcher.group().equals("$$") ? "$" : variables.getOrDefault(matcher.group(1), matcher.group());
            matcher.appendReplacement(expanded, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(expanded).toString();
    }

    List<String> expandAll(JsonNode texts) {
        List<String> expanded = new ArrayList<>();
        texts.forEach(t -> expanded.add(expand(t.asText())));
        return expanded;
    }
}
