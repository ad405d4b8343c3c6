package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

/** What a real API server showed: see {@code src/test/resources/executor/README.md}. */
final class Recorded {
    private Recorded() {}

    /** One case: its Job, its Pods, and the events of its oldest Pod or, without one, of the Job. */
    static Sight sight(String folder) {
        return new Sight(
                read(folder, "job", Job.class),
                null,
                Arrays.asList(read(folder, "pods", Pod[].class)),
                Arrays.asList(read(folder, "events", Event[].class)));
    }

    /** The same after somebody deleted the Job. */
    static Sight withoutJob(Sight sight) {
        return new Sight(null, null, sight.pods(), sight.events());
    }

    /** The same with other Pods. */
    static Sight withPods(Sight sight, List<Pod> pods) {
        return new Sight(sight.job(), sight.otherUid(), pods, sight.events());
    }

    private static <T> T read(String folder, String name, Class<T> type) {
        String path = "/executor/" + folder + '/' + name + ".json";
        try (InputStream in = Recorded.class.getResourceAsStream(path)) {
            return Serialization.jsonMapper().readValue(in, type);
        } catch (IOException | IllegalArgumentException e) {
            throw new AssertionError(path, e);
        }
    }
}
