package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What API servers showed: see {@code src/test/resources/executor/README.md}. */
final class Recorded {
    /** Folder of what newer servers say: each file changes a recorded case. */
    static final String NEWER = "newer/";

    private Recorded() {}

    /** One case: its Job, its Pods, and the events of its oldest Pod or, without one, of the Job. */
    static Sight sight(String name) {
        if (name.startsWith(NEWER)) {
            return newer(read(name));
        }
        return new Sight(
                as(read(name + "/job"), Job.class),
                null,
                Arrays.asList(as(read(name + "/pods"), Pod[].class)),
                Arrays.asList(as(read(name + "/events"), Event[].class)));
    }

    /** What the server answered to the one who creates a Job: a {@code Status}. */
    static JsonNode answer(String name) {
        return name.startsWith(NEWER) ? read(name).get("answer") : read(name + "/answer");
    }

    private static Sight newer(JsonNode file) {
        String base = file.get("base").asText();
        JsonNode pods = read(base + "/pods");
        ArrayNode events = (ArrayNode) read(base + "/events");
        for (JsonNode pod : pods) {
            JsonNode change = file.path("pod").deepCopy();
            if (change.has("container")) {
                merge(((ObjectNode) change).remove("container"), pod.at("/status/containerStatuses/0"));
            }
            merge(change, pod);
            file.path("conditions").forEach(((ObjectNode) pod.get("status")).withArray("conditions")::add);
        }
        JsonNode job = read(base + "/job");
        merge(file.path("job"), job);
        List<JsonNode> said = new ArrayList<>();
        if (file.has("events")) {
            file.get("events")
                    .forEach(event -> said.add(merge(event, events.get(0).deepCopy())));
        } else {
            events.forEach(said::add);
        }
        return new Sight(
                as(job, Job.class),
                null,
                Arrays.asList(as(pods, Pod[].class)),
                said.stream().map(event -> as(event, Event.class)).toList());
    }

    /** Objects are merged; a container has one state only, so that is replaced. */
    private static JsonNode merge(JsonNode change, JsonNode target) {
        change.fields().forEachRemaining(field -> {
            JsonNode old = target.get(field.getKey());
            boolean inside = old != null && old.isObject() && !field.getKey().equals("state");
            ((ObjectNode) target).set(field.getKey(), inside ? merge(field.getValue(), old) : field.getValue());
        });
        return target;
    }

    /** The same after somebody deleted the Job. */
    static Sight withoutJob(Sight sight) {
        return new Sight(null, null, sight.pods(), sight.events());
    }

    /** The same with other Pods. */
    static Sight withPods(Sight sight, List<Pod> pods) {
        return new Sight(sight.job(), sight.otherUid(), pods, sight.events());
    }

    private static <T> T as(JsonNode node, Class<T> type) {
        return Serialization.jsonMapper().convertValue(node, type);
    }

    static JsonNode read(String name) {
        String path = "/executor/" + name + ".json";
        try (InputStream in = Recorded.class.getResourceAsStream(path)) {
            return Serialization.jsonMapper().readTree(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new AssertionError(path, e);
        }
    }
}
