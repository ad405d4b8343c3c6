package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;

/** JSON of Terrakube's API (JSON:API documents of Elide; {@code /context/v1} of its executors) and what it is here. */
final class TerrakubeJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_VALUE = 4096;

    private TerrakubeJson() {}

    static String jobRequest(TerrakubeJobRequest request) {
        ObjectNode document = JSON.createObjectNode();
        ObjectNode data = document.putObject("data").put("type", "job");
        ObjectNode attributes = data.putObject("attributes");
        if (request.templateId() != null) {
            attributes.put("templateReference", request.templateId());
        }
        if (request.flow() != null) {
            attributes.put(
                    "tcl", Base64.getEncoder().encodeToString(request.flow().getBytes(StandardCharsets.UTF_8)));
        }
        if (request.branch() != null) {
            attributes.put("overrideBranch", request.branch());
        }
        attributes.put("comments", request.comments());
        attributes.put("refresh", true);
        data.putObject("relationships")
                .putObject("workspace")
                .putObject("data")
                .put("type", "workspace")
                .put("id", request.workspaceId());
        return document.toString();
    }

    static String statusChange(int jobId, String status) {
        ObjectNode document = JSON.createObjectNode();
        document.putObject("data")
                .put("type", "job")
                .put("id", String.valueOf(jobId))
                .putObject("attributes")
                .put("status", status);
        return document.toString();
    }

    /** A job of a document; its steps from {@code included}. */
    static TerrakubeJob job(JsonNode data, JsonNode included) {
        JsonNode attributes = data.path("attributes");
        List<TerrakubeStep> steps = new ArrayList<>();
        for (JsonNode resource : included) {
            if (resource.path("type").asText().equals("step")) {
                JsonNode step = resource.path("attributes");
                steps.add(new TerrakubeStep(
                        resource.path("id").asText(),
                        step.path("stepNumber").asInt(),
                        RestFaults.oneLine(text(step, "name"), 500),
                        text(step, "status")));
            }
        }
        steps.sort(Comparator.comparingInt(TerrakubeStep::number));
        return new TerrakubeJob(
                data.path("id").asInt(),
                text(attributes, "status"),
                attributes.path("planChanges").asBoolean(true),
                text(attributes, "commitId"),
                text(attributes, "approvalTeam"),
                text(attributes, "comments"),
                data.at("/relationships/workspace/data/id").asText(""),
                List.copyOf(steps));
    }

    static TerrakubeContext context(JsonNode context) {
        List<String> errors = new ArrayList<>();
        for (JsonNode step : context.path("jobDiagnostics")) {
            errors.addAll(errors(step));
        }
        List<TerrakubeOutput> outputs = new ArrayList<>();
        for (JsonNode step : context.path("terraformOutputs")) {
            for (JsonNode output : step) {
                outputs.add(output(output));
            }
        }
        return new TerrakubeContext(
                changes(context.path("planStructuredOutput")),
                changes(context.path("applyStructuredOutput")),
                errors,
                outputs);
    }

    private static List<TerrakubeChange> changes(JsonNode bySteps) {
        List<TerrakubeChange> changes = new ArrayList<>();
        for (JsonNode step : bySteps) {
            for (JsonNode change : step) {
                List<String> errors = errors(change.path("diagnostics"));
                changes.add(new TerrakubeChange(
                        RestFaults.oneLine(text(change, "address"), 500),
                        text(change, "action"),
                        text(change, "status"),
                        errors.isEmpty() ? "" : errors.get(0)));
            }
        }
        return changes;
    }

    private static List<String> errors(JsonNode diagnostics) {
        List<String> errors = new ArrayList<>();
        for (JsonNode diagnostic : diagnostics) {
            String severity = text(diagnostic, "severity");
            String summary = text(diagnostic, "summary");
            String detail = text(diagnostic, "detail");
            if ((severity.isEmpty() || severity.equals("error")) && !summary.isEmpty()) {
                errors.add(RestFaults.oneLine(detail.isEmpty() ? summary : summary + ": " + detail, 500));
            }
        }
        return errors;
    }

    private static TerrakubeOutput output(JsonNode output) {
        boolean sensitive = output.path("sensitive").asBoolean(false);
        JsonNode value = output.path("value");
        String text = value.isTextual() ? value.asText() : value.toString();
        boolean told = !sensitive && !value.isNull() && !value.isMissingNode();
        return new TerrakubeOutput(
                text(output, "name"),
                told ? SecretMask.mask(text.length() > MAX_VALUE ? text.substring(0, MAX_VALUE) + "…" : text) : null,
                sensitive);
    }

    private static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isNull() ? "" : value.asText("");
    }
}
