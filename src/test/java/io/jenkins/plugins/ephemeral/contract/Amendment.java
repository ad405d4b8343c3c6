package io.jenkins.plugins.ephemeral.contract;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.PathParameter;
import io.swagger.v3.oas.models.parameters.QueryParameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where Testkube deviates from its own OpenAPI files. Each amendment makes the document say what Testkube's handlers and
 * Go client do (kubeshop/testkube at 2b73b131), so that everything else stays checked strictly.
 */
enum Amendment {
    /** Announced are arrays of problems; every handler writes one ({@code apiutils.SendError}). */
    ERRORS_ARE_ONE_PROBLEM(
            api -> operations(api, operation -> operation.getResponses().forEach((status, response) -> {
                if (status.startsWith("4") || status.startsWith("5")) {
                    oneInsteadOfArray(response);
                }
            }))),

    /** Creating a workflow or template answers the one that was created ({@code SendResource}). */
    CREATED_RESOURCE_IS_ONE(api -> at(
            api,
            "/test-workflows|/test-workflow-templates",
            path -> oneInsteadOfArray(path.getPost().getResponses().get("200")))),

    /** Starting a workflow by its name answers the first execution, not all ({@code c.JSON(results[0])}). */
    STARTED_EXECUTION_IS_ONE(api -> at(
            api,
            "/test-workflows/\\{id}/executions",
            path -> oneInsteadOfArray(path.getPost().getResponses().get("200")))),

    /** An execution that is asked for by its id is one, not a list. */
    EXECUTION_IS_ONE(api -> at(
            api,
            "/test-workflow-executions/\\{executionID}",
            path -> oneInsteadOfArray(path.getGet().getResponses().get("200")))),

    /** Lists of executions are one object with totals and results, as the Go client reads it. */
    EXECUTION_LIST_IS_ONE_RESULT(api -> at(
            api,
            "/test-workflows/\\{id}/executions|/test-workflow-executions",
            path -> oneInsteadOfArray(path.getGet().getResponses().get("200")))),

    /** {@code schedulerPolicy} of a target is in the custom resource, in the Go model and in the documentation only. */
    TARGET_HAS_A_SCHEDULER_POLICY(api -> schema(api, "ExecutionTarget")
            .addProperty("schedulerPolicy", new StringSchema().addEnumItem("OnlyWhenMatches"))),

    /** Quantities may be template expressions, and of every unit that Kubernetes knows, whatever their patterns say. */
    QUANTITIES_ARE_FREE(api -> schema(api, "TestWorkflowResourcesList")
            .getProperties()
            .values()
            .forEach(quantity -> quantity.setPattern(null))),

    /** {@code paused} is required in totals, but not declared. */
    TOTALS_COUNT_PAUSED(api -> schema(api, "ExecutionsTotals").addProperty("paused", new IntegerSchema())),

    /** Filters and pages of lists of executions that the handlers read ({@code getWorkflowExecutionsFilterFromRequest}). */
    EXECUTION_LISTS_HAVE_FILTERS(api -> at(api, "/test-workflows/\\{id}/executions|/test-workflow-executions", path -> {
        for (String text : List.of("status", "selector", "textSearch", "startDate", "endDate")) {
            path.getGet().addParametersItem(query(text, new StringSchema()));
        }
        for (String number : List.of("page", "pageSize", "last")) {
            path.getGet().addParametersItem(query(number, new IntegerSchema()));
        }
    })),

    /** The stored log, undocumented behind the control plane: used by Testkube's CLI and MCP server. */
    LOGS_ARE_SERVED(api -> addGet(api, "logs", "text/plain", List.of())),

    /** The stream of notifications, undocumented: used by Testkube's CLI. */
    NOTIFICATIONS_ARE_SERVED(api -> addGet(
            api,
            "notifications",
            "text/event-stream",
            List.of(query("resumeAfterSeqNo", new IntegerSchema()), query("streamId", new StringSchema())))),

    /**
     * Errors that an operation does not announce: 401 and 403 of the agent operations, 404 of an Environment, 500 for an
     * unknown workflow or a log that is not there yet, 429 and 503 of anything. Their bodies are held to be problems.
     */
    ANY_OPERATION_MAY_FAIL(api -> operations(api, operation -> {
        Schema<?> problem = new Schema<>().$ref("#/components/schemas/Problem");
        operation
                .getResponses()
                .setDefault(new ApiResponse()
                        .description("an error")
                        .content(content("application/problem+json", problem)));
    }));

    private static final String EXECUTION = "/test-workflow-executions/{executionID}";
    private static final String PREFIX = "/organizations/{id}/environments/{environmentId}/agent";

    private final Consumer<OpenAPI> change;

    Amendment(Consumer<OpenAPI> change) {
        this.change = change;
    }

    void applyTo(OpenAPI api) {
        change.accept(api);
    }

    private static void operations(OpenAPI api, Consumer<Operation> change) {
        api.getPaths().values().forEach(path -> path.readOperations().forEach(change));
    }

    /** Changes the agent operations whose path matches, in either document. */
    private static void at(OpenAPI api, String pathRegex, Consumer<PathItem> change) {
        api.getPaths().forEach((path, item) -> {
            String own = path.startsWith(PREFIX) ? path.substring(PREFIX.length()) : path;
            if (own.matches(pathRegex)) {
                change.accept(item);
            }
        });
    }

    private static Schema<?> schema(OpenAPI api, String name) {
        return api.getComponents().getSchemas().get(name);
    }

    private static void oneInsteadOfArray(ApiResponse response) {
        if (response.getContent() != null) {
            response.getContent().values().forEach(media -> {
                if (media.getSchema() instanceof ArraySchema array) {
                    media.setSchema(array.getItems());
                }
            });
        }
    }

    private static void addGet(OpenAPI api, String name, String mediaType, List<Parameter> parameters) {
        String prefix = api.getPaths().containsKey(PREFIX + EXECUTION) ? PREFIX : "";
        PathItem sibling = api.getPaths().get(prefix + EXECUTION);
        Operation operation = new Operation()
                .addParametersItem(new PathParameter().name("executionID").schema(new StringSchema()))
                .responses(new ApiResponses()
                        .addApiResponse(
                                "200",
                                new ApiResponse().description("text").content(content(mediaType, new StringSchema()))));
        parameters.forEach(operation::addParametersItem);
        api.path(
                prefix + EXECUTION + "/" + name,
                new PathItem().parameters(sibling.getParameters()).get(operation));
    }

    private static Content content(String mediaType, Schema<?> schema) {
        return new Content().addMediaType(mediaType, new MediaType().schema(schema));
    }

    private static Parameter query(String name, Schema<?> schema) {
        return new QueryParameter().name(name).schema(schema);
    }
}
