package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import java.util.List;
import java.util.Map;

/** Says whether anything of a stage may still run, though nobody follows it any more. */
final class StageRemains {
    private StageRemains() {}

    /**
     * Looks at the Job of that name and its Pods.
     *
     * @return null if nothing of it can run any more, else what may, a clause
     */
    static String of(Cluster cluster, String namespace, String jobName) {
        Job job = cluster.get(Job.class, namespace, jobName).orElse(null);
        List<Pod> pods = cluster.list(Pod.class, namespace, Map.of(StageJobManifest.JOB, jobName));
        return of(new Sight(job, null, pods, List.of()));
    }

    /** The same of a look that was made. */
    static String of(Sight sight) {
        for (Pod pod : sight.pods()) {
            if (!PodFacts.isOver(pod)) {
                String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
                return "Pod " + pod.getMetadata().getNamespace() + '/'
                        + pod.getMetadata().getName()
                        + (node == null ? " is still there" : " is still there on node " + node);
            }
        }
        boolean mayStart = sight.job() != null && !sight.isJobOver() && !sight.isJobBeingDeleted();
        return mayStart ? "its Job is not over and may start a Pod" : null;
    }
}
