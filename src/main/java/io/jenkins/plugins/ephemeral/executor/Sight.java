package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.List;

/** What one look at a stage showed. */
final class Sight {
    private final Job job;
    private final String otherUid;
    private final List<Pod> pods;
    private final List<Event> events;

    /**
     * @param job the Job, or null if it is not there
     * @param otherUid UID of another Job that has its name now, or null
     * @param pods its Pods, the oldest first
     * @param events events of its first Pod, or of the Job if it has none; empty if nobody asked for them
     */
    Sight(Job job, String otherUid, List<Pod> pods, List<Event> events) {
        this.job = job;
        this.otherUid = otherUid;
        this.pods = List.copyOf(pods);
        this.events = List.copyOf(events);
    }

    /** The same with events. */
    Sight with(List<Event> events) {
        return new Sight(job, otherUid, pods, events);
    }

    /** The Job, or null. */
    Job job() {
        return job;
    }

    /** UID of another Job of that name, or null. */
    String otherUid() {
        return otherUid;
    }

    /** All Pods, the oldest first. */
    List<Pod> pods() {
        return pods;
    }

    /** The newest Pod, or null. */
    Pod pod() {
        return pods.isEmpty() ? null : pods.get(pods.size() - 1);
    }

    /** The Pod of that UID, or null. */
    Pod pod(String uid) {
        for (Pod pod : pods) {
            if (pod.getMetadata().getUid().equals(uid)) {
                return pod;
            }
        }
        return null;
    }

    /** Events, if they were asked for. */
    List<Event> events() {
        return events;
    }

    /** The condition of the Job that is true, of that type; or null. */
    JobCondition jobCondition(String type) {
        if (job == null || job.getStatus() == null || job.getStatus().getConditions() == null) {
            return null;
        }
        for (JobCondition condition : job.getStatus().getConditions()) {
            if (type.equals(condition.getType()) && "True".equals(condition.getStatus())) {
                return condition;
            }
        }
        return null;
    }

    /** Whether the Job's deadline ended it; since 1.31 that is said before its Pods are gone. */
    boolean isDeadlineOver() {
        for (String type : List.of("Failed", "FailureTarget")) {
            JobCondition condition = jobCondition(type);
            if (condition != null && "DeadlineExceeded".equals(condition.getReason())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a Pod was told to stop when the Job's time was over. Before 1.31 the Job controller deletes the Pods first
     * and then says why, so a quick look comes between the two. By the times of the server only.
     */
    boolean wasDeletedAfterDeadline(Pod pod) {
        String deleted = pod.getMetadata().getDeletionTimestamp();
        if (deleted == null
                || job == null
                || job.getSpec() == null
                || job.getSpec().getActiveDeadlineSeconds() == null
                || job.getStatus() == null
                || job.getStatus().getStartTime() == null) {
            return false;
        }
        Long graceSeconds = pod.getMetadata().getDeletionGracePeriodSeconds();
        Instant asked = Instant.parse(deleted).minusSeconds(graceSeconds == null ? 0 : graceSeconds);
        Instant due = Instant.parse(job.getStatus().getStartTime())
                .plusSeconds(job.getSpec().getActiveDeadlineSeconds());
        return !asked.isBefore(due);
    }

    /** Whether the Job is over, by its own conditions. */
    boolean isJobOver() {
        return jobCondition("Complete") != null || jobCondition("Failed") != null;
    }

    /** Whether somebody deleted the Job and it waits for its Pods. */
    boolean isJobBeingDeleted() {
        return job != null && job.getMetadata().getDeletionTimestamp() != null;
    }
}
