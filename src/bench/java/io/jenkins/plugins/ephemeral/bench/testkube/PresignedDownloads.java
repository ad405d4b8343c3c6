package io.jenkins.plugins.ephemeral.bench.testkube;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Downloads as control-plane.yaml has them: the API answers a presigned URL, from which the file is fetched without
 * the API token. As real object storages do, this one refuses a request that brings other credentials along.
 */
final class PresignedDownloads {
    /** Where the object storage is; outside of the API and of its authentication. */
    static final String STORAGE = "/storage/";

    private static final String EXECUTION =
            "/organizations/{organizationId}/environments/{environmentId}/test-workflow-executions/{executionID}";

    private final ControlPlaneSettings settings;
    private final Scheduler scheduler;
    private final Artifacts artifacts;
    private final Map<String, Supplier<byte[]>> files = new ConcurrentHashMap<>();

    PresignedDownloads(ControlPlaneSettings settings, Scheduler scheduler, Artifacts artifacts) {
        this.settings = settings;
        this.scheduler = scheduler;
        this.artifacts = artifacts;
    }

    void addTo(Routes routes) {
        routes.add("GET", EXECUTION + "/artifacts/{artifactID}", this::artifact)
                .add("GET", EXECUTION + "/logs", this::log)
                .add("GET", STORAGE + "{signature}", this::download);
    }

    private Execution execution(Call call) {
        OrganizationOperations.requireOrganization(settings, call);
        String id = call.parameter("executionID");
        if (!settings.environmentId.equals(call.parameter("environmentId"))) {
            throw Problem.notFound("environment '" + call.parameter("environmentId") + "' not found");
        }
        return scheduler.find(id).orElseThrow(() -> Problem.notFound("execution '" + id + "' not found"));
    }

    private Answer artifact(Call call) {
        Execution execution = execution(call);
        String name = call.parameter("artifactID");
        return presigned(call, () -> {
            if (!artifacts.names(execution.id).contains(name)) {
                throw Problem.notFound("the specified key does not exist: " + name);
            }
            return artifacts.read(execution.id, name);
        });
    }

    private Answer log(Call call) {
        Execution execution = execution(call);
        return presigned(call, () -> {
            if (!execution.finished()) {
                throw Problem.notFound("the specified key does not exist: the log is stored when the execution ends");
            }
            return execution.notifications.storedLog().getBytes(StandardCharsets.UTF_8);
        });
    }

    private Answer presigned(Call call, Supplier<byte[]> file) {
        String signature = UUID.randomUUID().toString();
        files.put(signature, file);
        return Answer.json(Json.object().put("url", "http://" + call.header("host") + STORAGE + signature));
    }

    private Answer download(Call call) {
        if (!call.header("authorization").isEmpty()) {
            throw Problem.badRequest("only one way to authenticate is allowed: signature or Authorization header");
        }
        Supplier<byte[]> file = files.get(call.parameter("signature"));
        if (file == null) {
            throw new Problem(403, "Forbidden", "the signature is not valid", null);
        }
        return new Answer(200, "application/octet-stream", file.get());
    }
}
