package io.jenkins.plugins.ephemeral.controlplane;

import static io.jenkins.plugins.ephemeral.controlplane.RestExchange.segment;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.controlplane.RestExchange.Answer;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Terrakube's control plane as the rooms see it: the REST sequence of its own clients, for the organization of one
 * connection. Each call is one bounded request, made on the caller's thread and tried once; every error is a
 * {@link io.jenkins.plugins.ephemeral.outside.Fault}. Thread-safe.
 *
 * <p>Paths and fields: terrakube-io/terrakube c073ede0, {@code rs/job/Job.java}, {@code rs/job/step/Step.java}, {@code
 * plugin/storage/controller/TerraformOutputController.java}, {@code plugin/context/ContextController.java}.
 */
public final class TerrakubeClient {
    private static final String ORGANIZATIONS = "/api/v1/organization";
    private static final int MAX_EVENT_BYTES = 1024 * 1024;
    private static final int MOST_NAMES = 20;
    private static final Duration LONGEST_DOWNLOAD = Duration.ofMinutes(2);

    /** Hears a log; called on threads of the HTTP client, one call after the other. */
    public interface LogListener {
        /**
         * One line, or several.
         *
         * @param id where it is in the log, to go on from there
         */
        void line(String id, String text);

        /**
         * The stream is over, for whatever reason.
         *
         * @param status HTTP status that it began with; 0 if there was no answer. 404 and the like: this Terrakube is
         *     older than 2.33 and streams no logs
         */
        void ended(int status);
    }

    private final TerrakubeExchange exchange;

    TerrakubeClient(TerrakubeExchange exchange) {
        this.exchange = exchange;
    }

    /** Where it leads to. */
    public TerrakubeConnection connection() {
        return exchange.connection();
    }

    /** UUID of the connection's organization. */
    public String organizationId() throws InterruptedException {
        return idByName("organization", ORGANIZATIONS, connection().organization());
    }

    /** UUID of a workspace. */
    public String workspaceId(String organizationId, String name) throws InterruptedException {
        return idByName("workspace", organization(organizationId) + "/workspace", name);
    }

    /** UUID of a template. */
    public String templateId(String organizationId, String name) throws InterruptedException {
        return idByName("template", organization(organizationId) + "/template", name);
    }

    private String idByName(String type, String collection, String name) throws InterruptedException {
        String what = "finding " + type + ' ' + name;
        for (JsonNode resource : list(what, collection + "?" + filter(type, "name", name))) {
            if (resource.at("/attributes/name").asText().equals(name)) {
                return resource.path("id").asText();
            }
        }
        List<String> names = new ArrayList<>();
        for (JsonNode resource : list(what, collection)) {
            names.add(RestFaults.oneLine(resource.at("/attributes/name").asText(), 100));
        }
        names.sort(null);
        String known = names.isEmpty()
                ? "the token sees none at all"
                : "the token sees "
                        + String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())))
                        + (names.size() > MOST_NAMES ? "…" : "");
        throw new UserFault(
                what,
                "control plane " + connection().name(),
                "there is no " + type + " of that name; " + known,
                "Check its name, and that the token's team may see it.");
    }

    private JsonNode list(String what, String path) throws InterruptedException {
        return exchange.send(what, "GET", path).json().path("data");
    }

    /** {@code filter[job]=comments=="..."} in RSQL, as Elide takes it. */
    private static String filter(String type, String field, String value) {
        String quoted = '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        return segment("filter[" + type + "]") + '=' + segment(field + "==" + quoted);
    }

    /**
     * Creates a job. Once: when the answer is lost, {@link #findJobs} tells whether it was created.
     *
     * @return its number
     */
    public int createJob(String organizationId, TerrakubeJobRequest request) throws InterruptedException {
        String what = "creating job in workspace " + request.workspaceId();
        int id = exchange.send(
                        what,
                        "POST",
                        organization(organizationId) + "/job",
                        TerrakubeExchange.JSON_API,
                        TerrakubeJson.jobRequest(request))
                .json()
                .at("/data/id")
                .asInt();
        if (id <= 0) {
            throw new UserFault(
                    what,
                    "control plane " + connection().name(),
                    "its answer names no job",
                    new TerrakubeFaults(what, connection()).addressRemedy());
        }
        return id;
    }

    /** Jobs that were created with exactly these comments, the oldest first; without their steps. */
    public List<TerrakubeJob> findJobs(String organizationId, String comments) throws InterruptedException {
        List<TerrakubeJob> found = new ArrayList<>();
        JsonNode all = list(
                "finding job " + comments,
                organization(organizationId) + "/job?" + filter("job", "comments", comments) + "&sort=-id&"
                        + segment("page[size]") + "=100");
        for (JsonNode data : all) {
            TerrakubeJob job = TerrakubeJson.job(data, data.path("included"));
            // whatever the server makes of the filter
            if (job.comments().equals(comments)) {
                found.add(0, job);
            }
        }
        return found;
    }

    /** A job as it is now, with its steps; empty if there is none of that number. */
    public Optional<TerrakubeJob> job(String organizationId, int id) throws InterruptedException {
        Answer answer = exchange.send(
                "reading job " + id, "GET", organization(organizationId) + "/job/" + id + "?include=step");
        if (answer.status() == 404) {
            return Optional.empty();
        }
        JsonNode document = answer.json();
        return Optional.of(TerrakubeJson.job(document.path("data"), document.path("included")));
    }

    /**
     * Approves, rejects or cancels a job. That it was taken says nothing about what the job does then: read it again.
     *
     * @param status {@code approved}, {@code rejected} or {@code cancelled}
     */
    public void changeStatus(String organizationId, int id, String status) throws InterruptedException {
        exchange.send(
                        "setting job " + id + " to " + status,
                        "PATCH",
                        organization(organizationId) + "/job/" + id,
                        TerrakubeExchange.JSON_API,
                        TerrakubeJson.statusChange(id, status))
                .orFail();
    }

    /** What the job's steps told; empty lists where they told nothing. */
    public TerrakubeContext context(int jobId) throws InterruptedException {
        Answer answer = exchange.send("reading results of job " + jobId, "GET", "/context/v1/" + jobId);
        if (answer.status() == 404 || answer.status() == 403) {
            return new TerrakubeContext(List.of(), List.of(), List.of(), List.of());
        }
        return TerrakubeJson.context(answer.json());
    }

    /**
     * Follows a job's log. The log is the whole job's, so that the place in one step's stream is one in the next one's.
     *
     * @param stepId the step under way
     * @param afterId id of the last line that was seen, or empty
     */
    public Subscription followLog(String organizationId, int jobId, String stepId, String afterId, LogListener listener)
            throws InterruptedException {
        HttpRequest.Builder request =
                exchange.request(log(organizationId, jobId, stepId) + "/stream").header("Accept", "text/event-stream");
        if (!afterId.isEmpty()) {
            request.header("Last-Event-ID", afterId);
        }
        Subscription subscription = new Subscription();
        CompletableFuture<HttpResponse<Void>> answer = exchange.start(
                "following log of job " + jobId,
                request.build(),
                head -> head.statusCode() == 200
                        ? new EventStreamBody(
                                (id, data) -> {
                                    if (!subscription.isClosed()) {
                                        listener.line(id, data);
                                    }
                                },
                                subscription::alive,
                                MAX_EVENT_BYTES)
                        : HttpResponse.BodySubscribers.replacing(null));
        subscription.opened(
                answer,
                () -> listener.ended(
                        answer.isCompletedExceptionally()
                                ? 0
                                : answer.getNow(null).statusCode()));
        return subscription;
    }

    /** Fetches the last bytes of a step's log: of one that is over its own, of one under way the job's until now. */
    public Download<byte[]> log(String organizationId, int jobId, String stepId, int maxBytes)
            throws InterruptedException {
        String what = "fetching log of job " + jobId;
        RestFaults faults = exchange.faults(what);
        CompletableFuture<HttpResponse<byte[]>> answer = exchange.start(
                what,
                exchange.request(log(organizationId, jobId, stepId)).build(),
                head -> new TailBody(head.statusCode() == 200 ? maxBytes : 4096));
        CompletableFuture<byte[]> taken = answer.thenApply(response -> {
            if (response.statusCode() != 200) {
                throw faults.of(response.statusCode(), response.headers(), response.body());
            }
            return response.body();
        });
        return new Download<>(answer, taken, LONGEST_DOWNLOAD, faults::of);
    }

    /** Page of a job for people, or null if no user interface is configured. */
    public String link(String organizationId, String workspaceId, int jobId) {
        String ui = connection().uiUrl();
        return ui == null || ui.isEmpty()
                ? null
                : ui.replaceAll("/+$", "") + "/organizations/" + segment(organizationId) + "/workspaces/"
                        + segment(workspaceId) + "/runs/" + jobId;
    }

    private static String organization(String id) {
        return ORGANIZATIONS + '/' + segment(id);
    }

    private static String log(String organizationId, int jobId, String stepId) {
        return "/tfoutput/v1/organization/" + segment(organizationId) + "/job/" + jobId + "/step/" + segment(stepId);
    }
}
