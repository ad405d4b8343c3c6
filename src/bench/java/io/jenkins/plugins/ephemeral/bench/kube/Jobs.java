package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Change;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The Job controller: makes Pods, counts how they end, retries, and says when a Job is complete or failed. */
final class Jobs {
    private static final String COMPONENT = "job-controller";

    private final Resources resources;
    private final ResourceTypes types;
    private final Controllers controllers;
    private final EventRecorder events;
    private final ServerVersion version;
    private final Map<String, EndedPods> ended = new HashMap<>();
    /** The first pause before a failed Pod is replaced; 10 s on a real cluster, and doubled each time as there. */
    private volatile Duration firstRetryDelay = Duration.ofMillis(100);

    Jobs(
            Resources resources,
            ResourceTypes types,
            Controllers controllers,
            EventRecorder events,
            ServerVersion version) {
        this.version = version;
        this.resources = resources;
        this.types = types;
        this.controllers = controllers;
        this.events = events;
    }

    void firstRetryDelay(Duration delay) {
        firstRetryDelay = delay;
    }

    void on(Change change) {
        if (change.type().equals("jobs.batch")) {
            reconcile(Key.of("jobs.batch", change.object()));
        } else if (change.type().equals("pods")) {
            for (JsonNode owner : change.object().at("/metadata/ownerReferences")) {
                if (Json.text(owner, "/kind").equals("Job")) {
                    Key key = new Key("jobs.batch", Json.namespace(change.object()), Json.text(owner, "/name"));
                    resources.store().get(key).ifPresent(job -> count(job, List.of(seen(change))));
                    reconcile(key);
                }
            }
        }
    }

    private EndedPods count(ObjectNode job, List<ObjectNode> pods) {
        boolean deletedCounts = version.countsDeletedPods() && !waitsForTheOld(job);
        EndedPods counted = ended.computeIfAbsent(Json.uid(job), u -> new EndedPods());
        pods.forEach(p -> counted.look(p, deletedCounts, firstRetryDelay));
        return counted;
    }

    /** One that is gone from one moment to the next was deleted too. */
    private static ObjectNode seen(Change change) {
        ObjectNode pod = change.object().deepCopy();
        if (change.after() == null && !Json.deleting(pod)) {
            Json.meta(pod).put("deletionTimestamp", Json.now());
        }
        return pod;
    }

    private static boolean waitsForTheOld(ObjectNode job) {
        return Json.text(job, "/spec/podReplacementPolicy").equals("Failed");
    }

    private void reconcile(Key key) {
        resources.store().get(key).filter(job -> !Json.deleting(job)).ifPresent(job -> {
            if (finishedCondition(job) == null) {
                work(key, job);
            } else {
                expire(key, job);
            }
        });
    }

    private static JsonNode finishedCondition(JsonNode job) {
        for (JsonNode condition : job.at("/status/conditions")) {
            if (Set.of("Complete", "Failed").contains(Json.text(condition, "/type"))
                    && Json.text(condition, "/status").equals("True")) {
                return condition;
            }
        }
        return null;
    }

    private void work(Key key, ObjectNode job) {
        boolean suspended = job.at("/spec/suspend").asBoolean();
        List<ObjectNode> pods = pods(job);
        // their changes may still be in the queue: one that ended must not be taken for one that is missing
        EndedPods counted = count(job, pods);
        List<ObjectNode> active = pods.stream().filter(Jobs::isActive).toList();
        String failure = failure(job, active, counted);
        int completions = job.at("/spec/completions").asInt(1);
        boolean complete = failure.isEmpty() && counted.succeeded() >= completions;
        resources.store().updateStatus(key, status -> {
            if (!suspended && !status.has("startTime")) {
                status.put("startTime", Json.now());
                wakeAtDeadline(key, job);
            }
            number(status, "active", failure.isEmpty() ? active.size() : 0);
            number(status, "succeeded", counted.succeeded());
            number(status, "failed", counted.failed() + (failure.isEmpty() ? 0 : active.size()));
            if (complete) {
                status.put("completionTime", Json.now());
                Json.condition(
                        status, "Complete", true, "CompletionsReached", "Reached expected number of succeeded pods");
            } else if (!failure.isEmpty()) {
                Json.condition(status, "Failed", true, failure, message(failure));
            } else if (suspended) {
                Json.condition(status, "Suspended", true, "JobSuspended", "Job suspended");
            }
        });
        if (complete) {
            events.normal(job, COMPONENT, "Completed", "Job completed");
        } else if (!failure.isEmpty()) {
            events.warning(job, COMPONENT, failure, message(failure));
        }
        if (!failure.isEmpty() || suspended) {
            active.forEach(this::delete);
        } else if (!complete) {
            makePods(key, job, pods, counted, completions);
        }
    }

    private static void number(ObjectNode status, String field, int value) {
        if (value == 0) {
            status.remove(field);
        } else {
            status.put(field, value);
        }
    }

    private List<ObjectNode> pods(ObjectNode job) {
        return resources.store().list("pods", Json.namespace(job)).stream()
                .filter(p -> p.at("/metadata/ownerReferences")
                        .findValuesAsText("uid")
                        .contains(Json.uid(job)))
                .toList();
    }

    private static boolean isActive(JsonNode pod) {
        return !Json.deleting(pod) && !EndedPods.isOver(pod);
    }

    private String failure(ObjectNode job, List<ObjectNode> active, EndedPods counted) {
        int limit = job.at("/spec/backoffLimit").asInt(6);
        int restarts = active.stream()
                .flatMap(p -> p.at("/status").findValues("restartCount").stream())
                .mapToInt(JsonNode::asInt)
                .sum();
        boolean onFailure = Json.text(job, "/spec/template/spec/restartPolicy").equals("OnFailure");
        boolean spared = !version.countsDeletedPods()
                && active.size() >= job.at("/spec/parallelism").asInt(1);
        if (counted.failed() > limit && !spared || onFailure && restarts > 0 && restarts >= limit) {
            return "BackoffLimitExceeded";
        }
        String started = Json.text(job, "/status/startTime");
        long deadline = job.at("/spec/activeDeadlineSeconds").asLong(Long.MAX_VALUE / 10_000);
        return !started.isEmpty()
                        && Instant.parse(started).plusSeconds(deadline).isBefore(Instant.now())
                ? "DeadlineExceeded"
                : "";
    }

    private static String message(String reason) {
        return reason.equals("DeadlineExceeded")
                ? "Job was active longer than specified deadline"
                : "Job has reached the specified backoff limit";
    }

    private void wakeAtDeadline(Key key, ObjectNode job) {
        JsonNode deadline = job.at("/spec/activeDeadlineSeconds");
        if (deadline.isNumber()) {
            // the start is kept in whole seconds: a little later, it has certainly passed
            controllers.later(Duration.ofMillis(deadline.asLong() * 1000 + 50), () -> reconcile(key));
        }
    }

    private void makePods(Key key, ObjectNode job, List<ObjectNode> pods, EndedPods counted, int completions) {
        boolean waitsForTheOld = waitsForTheOld(job);
        long present = pods.stream()
                .filter(p -> !EndedPods.isOver(p) && (waitsForTheOld || !Json.deleting(p)))
                .count();
        long wanted = Math.min(job.at("/spec/parallelism").asInt(1), completions - counted.succeeded()) - present;
        Duration wait = counted.untilRetry();
        if (wanted > 0 && wait.toMillis() > 0) {
            controllers.later(wait.plusMillis(1), () -> reconcile(key));
            return;
        }
        for (int i = 0; i < wanted; i++) {
            if (!makePod(job)) {
                controllers.later(Duration.ofMillis(200), () -> reconcile(key));
                return;
            }
        }
    }

    private boolean makePod(ObjectNode job) {
        ObjectNode pod = job.at("/spec/template").deepCopy();
        ObjectNode meta = Json.meta(pod);
        meta.put("generateName", Json.name(job) + "-");
        ObjectNode owner = meta.putArray("ownerReferences").addObject();
        owner.put("apiVersion", "batch/v1").put("kind", "Job").put("name", Json.name(job));
        owner.put("uid", Json.uid(job)).put("controller", true).put("blockOwnerDeletion", true);
        try {
            ObjectNode made = resources.create(types.named("pods"), Json.namespace(job), pod, Call.CONTROLLER);
            events.normal(job, COMPONENT, "SuccessfulCreate", "Created pod: " + Json.name(made));
            return true;
        } catch (ApiError refused) {
            // the generated name differs each time: with it, no event would ever be the same again
            String message = refused.getMessage()
                    .replaceFirst("\"" + Json.name(job) + "-[a-z0-9]{5}\"", "\"" + Json.name(job) + "-\"");
            events.warning(job, COMPONENT, "FailedCreate", "Error creating: " + message);
            return false;
        }
    }

    private void delete(ObjectNode pod) {
        resources.delete(types.named("pods"), Json.namespace(pod), Json.name(pod), Json.object(), Call.CONTROLLER);
        events.normal(pod, COMPONENT, "SuccessfulDelete", "Deleted pod: " + Json.name(pod));
    }

    /** Deletes a finished Job when its time to live is over. */
    private void expire(Key key, ObjectNode job) {
        JsonNode ttl = job.at("/spec/ttlSecondsAfterFinished");
        if (!ttl.isNumber()) {
            return;
        }
        Instant end = Instant.parse(Json.text(finishedCondition(job), "/lastTransitionTime"))
                .plusSeconds(ttl.asLong());
        Duration left = Duration.between(Instant.now(), end);
        if (left.toMillis() > 0) {
            controllers.later(left.plusMillis(1), () -> reconcile(key));
        } else {
            ObjectNode foreground = Json.object().put("propagationPolicy", "Foreground");
            resources.delete(types.named("jobs.batch"), key.namespace(), key.name(), foreground, Call.CONTROLLER);
        }
    }
}
