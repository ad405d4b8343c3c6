package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes steps out of a resolved spec, as Testkube's processor does: a step with one operation becomes that operation, a
 * step with several becomes a group of them; nested steps come where they are declared.
 */
final class StepPlanner {
    private static final String HEADER = "Cannot process Test Workflow specification";
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h)");
    private static final Set<String> CONDITIONS =
            Set.of("", "always", "true", "never", "false", "passed", "success", "failed", "error");

    private final Identifiers identifiers;
    private int steps;

    StepPlanner(Identifiers identifiers) {
        this.identifiers = identifiers;
    }

    /**
     * The root: a group of all steps.
     *
     * @throws SpecificationError for what only a real agent can run, and for a workflow without steps
     */
    Step plan(JsonNode spec) {
        refuse(spec, "services");
        ObjectNode container = merged(Json.object(), spec.path("container"));
        Step root = next(container);
        root.files = spec.path("content").path("files");
        addContent(spec.path("content"), container, root.children);
        for (String list : List.of("setup", "steps", "after")) {
            spec.path(list).forEach(step -> add(step(step, container), root.children));
        }
        if (root.children.isEmpty()) {
            throw new SpecificationError(HEADER, "test workflow has nothing to run");
        }
        return root;
    }

    private static void refuse(JsonNode in, String... fields) {
        for (String field : fields) {
            if (!in.path(field).isEmpty()) {
                throw new SpecificationError(HEADER, "\"" + field + "\" cannot be run by the embedded control plane");
            }
        }
    }

    private static void add(Step step, List<Step> to) {
        if (step != null) {
            to.add(step);
        }
    }

    private Step next(ObjectNode container) {
        Step step = new Step(identifiers.stepReference(++steps));
        step.container = container;
        return step;
    }

    private Step step(JsonNode spec, ObjectNode outer) {
        refuse(spec, "execute", "parallel", "services");
        ObjectNode container = merged(outer, spec.path("container"));
        if (spec.has("workingDir")) {
            container.put("workingDir", spec.path("workingDir").asText());
        }
        Step group = next(container);
        describe(group, spec);
        operations(spec, container, group);
        if (group.children.isEmpty()) {
            return null;
        }
        group.files = spec.path("content").path("files");
        return group.children.size() == 1 ? flattened(group) : group;
    }

    private static void describe(Step group, JsonNode spec) {
        group.id = spec.path("id").asText("");
        group.name = spec.path("name").asText("");
        group.optional = spec.path("optional").asBoolean();
        group.negative = spec.path("negative").asBoolean();
        group.condition = spec.path("condition").asText("");
        group.timeout = spec.has("timeout") ? duration(spec.path("timeout").asText()) : null;
        if (!CONDITIONS.contains(group.condition)) {
            throw new SpecificationError(
                    HEADER, "condition \"" + group.condition + "\": the embedded control plane knows " + CONDITIONS);
        }
    }

    private void operations(JsonNode spec, ObjectNode container, Step group) {
        if (spec.has("delay")) {
            String text = spec.path("delay").asText();
            Step delay = operation(container, Step.Operation.DELAY, "Delay: " + text, spec);
            delay.delay = duration(text);
            group.children.add(delay);
        }
        addContent(spec.path("content"), container, group.children);
        spec.path("setup").forEach(s -> add(step(s, container), group.children));
        if (spec.has("run")) {
            group.children.add(run(spec, container));
        }
        if (!spec.path("shell").asText("").isEmpty()) {
            group.children.add(shell(spec.path("shell").asText(), container, spec));
        }
        spec.path("steps").forEach(s -> add(step(s, container), group.children));
        if (spec.has("artifacts")) {
            ObjectNode own = merged(container, Json.object());
            if (spec.path("artifacts").has("workingDir")) {
                own.put("workingDir", spec.path("artifacts").path("workingDir").asText());
            }
            Step upload = operation(own, Step.Operation.UPLOAD, "Upload artifacts", spec);
            upload.artifacts = spec.path("artifacts");
            upload.condition = upload.condition.isEmpty() ? "always" : upload.condition;
            group.children.add(upload);
        }
    }

    private Step operation(ObjectNode container, Step.Operation kind, String category, JsonNode spec) {
        Step step = next(container);
        step.operation = kind;
        step.category = category;
        step.condition = spec.path("condition").asText("");
        step.retries = spec.path("retry").path("count").asInt(0);
        if (!Set.of("", "passed").contains(spec.path("retry").path("until").asText(""))) {
            throw new SpecificationError(HEADER, "retry.until: the embedded control plane knows passed");
        }
        return step;
    }

    private Step shell(String script, ObjectNode container, JsonNode spec) {
        Step step = operation(container, Step.Operation.COMMAND, "Run shell command", spec);
        step.command = List.of("sh", "-c", "set -e\n" + script);
        return step;
    }

    private Step run(JsonNode spec, ObjectNode outer) {
        JsonNode run = spec.path("run");
        ObjectNode container = merged(outer, run);
        if (run.has("shell")) {
            return shell(run.path("shell").asText(), container, spec);
        }
        List<String> command = new ArrayList<>();
        container.path("command").forEach(part -> command.add(part.asText()));
        container.path("args").forEach(part -> command.add(part.asText()));
        if (command.isEmpty()) {
            throw new SpecificationError(
                    HEADER, "run: the embedded control plane needs a command, it has no image to take one from");
        }
        Step step = operation(container, Step.Operation.COMMAND, "Run", spec);
        step.command = List.copyOf(command);
        return step;
    }

    private void addContent(JsonNode content, ObjectNode container, List<Step> to) {
        refuse(content, "tarball");
        if (!content.has("git")) {
            return;
        }
        String uri = content.path("git").path("uri").asText();
        String mount = content.path("git").path("mountPath").asText("/data/repo");
        String revision = content.path("git").path("revision").asText("HEAD");
        Step clone = operation(container, Step.Operation.COMMAND, "Clone Git repository", Json.object());
        clone.command = List.of(
                "sh",
                "-c",
                "git clone -q \"$1\" \"$2\" && git -C \"$2\" checkout -q \"$3\"",
                "clone",
                uri,
                mount,
                revision);
        to.add(clone);
    }

    /** A group of one is that one, under the group's name and on both conditions. */
    private static Step flattened(Step group) {
        Step only = group.children.get(0);
        if (!only.name.isEmpty() && !group.name.isEmpty()) {
            return group;
        }
        only.name = only.name.isEmpty() ? group.name : only.name;
        only.id = only.id.isEmpty() ? group.id : only.id;
        only.timeout = only.timeout == null ? group.timeout : only.timeout;
        only.optional |= group.optional;
        only.negative ^= group.negative;
        // an upload alone in its step runs after a failure only if the step says so
        boolean always = Set.of("", "always", "true").contains(only.condition);
        only.condition = always ? group.condition : only.condition;
        ArrayNode files = Json.array();
        group.files.forEach(files::add);
        only.files.forEach(files::add);
        only.files = files;
        return only;
    }

    private static ObjectNode merged(ObjectNode outer, JsonNode inner) {
        ObjectNode merged = outer.deepCopy();
        inner.fields().forEachRemaining(field -> {
            if ("env".equals(field.getKey())) {
                field.getValue().forEach(merged.withArray("/env")::add);
            } else {
                merged.set(field.getKey(), field.getValue());
            }
        });
        return merged;
    }

    private static Duration duration(String text) {
        Matcher part = DURATION_PART.matcher(text);
        double millis = 0;
        int end = 0;
        while (part.find() && part.start() == end) {
            end = part.end();
            double number = Double.parseDouble(part.group(1));
            millis += number
                    * switch (part.group(2)) {
                        case "ms" -> 1;
                        case "s" -> 1_000;
                        case "m" -> 60_000;
                        default -> 3_600_000;
                    };
        }
        if (end == 0 || end != text.length()) {
            throw new SpecificationError(HEADER, "invalid duration: " + text);
        }
        return Duration.ofMillis((long) millis);
    }
}
