package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Builds and jobs as a test says they are; what it does not mention is unknown. */
final class KnownBuilds implements Builds {
    final Set<RunRef> over = ConcurrentHashMap.newKeySet();
    final Map<String, Job> jobs = new ConcurrentHashMap<>();
    final List<RunRef> aborted = new CopyOnWriteArrayList<>();

    @Override
    public Run state(RunRef run) {
        return over.contains(run) ? Run.OVER : Run.UNKNOWN;
    }

    @Override
    public Job job(String fullName) {
        return jobs.getOrDefault(fullName, Job.UNKNOWN);
    }

    @Override
    public void abort(RunRef run, RunRef by) {
        aborted.add(run);
    }
}
