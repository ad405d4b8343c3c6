package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at a stage's objects. */
final class StageLook {
    private static final List<String> CONTROLLER_UID = List.of("batch.kubernetes.io/controller-uid", "controller-uid");

    private final Stage stage;
    private boolean eventsRefused;

    StageLook(Stage stage) {
        this.stage = stage;
    }

    /** The Job and its Pods, as they are now. The Job's UID is known. */
    Sight sight() {
        StageJobState state = stage.state();
        Optional<Job> job = stage.cluster().get(Job.class, stage.namespace(), state.jobName);
        String uid = job.map(j -> j.getMetadata().getUid()).orElse(null);
        boolean ours = state.jobUid.equals(uid);
        return new Sight(ours ? job.get() : null, ours ? null : uid, pods(), List.of());
    }

    /** The same look with the events of its Pod, or of the Job if there is no Pod. */
    Sight withEvents(Sight sight) {
        Pod first = stage.state().podUid == null ? null : sight.pod(stage.state().podUid);
        Pod pod = first == null ? sight.pod() : first;
        if (eventsRefused || sight.job() == null && pod == null) {
            return sight;
        }
        try {
            return sight.with(events(pod == null ? sight.job() : pod));
        } catch (UserFault fault) {
            eventsRefused = true;
            stage.say(fault.getMessage() + " Without events it cannot be told why a Pod does not start.");
            return sight;
        }
    }

    /** What became of the namespace, a clause; null if it is there, or if that cannot be seen. */
    String namespaceTrouble() {
        Optional<Namespace> namespace;
        try {
            namespace = stage.cluster().get(Namespace.class, null, stage.namespace());
        } catch (UserFault fault) {
            return null; // no right to look
        }
        if (namespace.isEmpty()) {
            return "was deleted";
        }
        boolean same =
                stage.environment().uid().equals(namespace.get().getMetadata().getUid());
        if (!same) {
            return "was deleted, and there is another one of its name now";
        }
        return namespace.get().getMetadata().getDeletionTimestamp() == null ? null : "is being deleted";
    }

    /** By name, since the taint manager's events carry no UID. */
    private List<Event> events(HasMetadata about) {
        ObjectMeta meta = about.getMetadata();
        List<Event> events = new ArrayList<>();
        stage
                .cluster()
                .call("listing Event", stage.namespace() + "/" + meta.getName(), client -> client.v1()
                        .events()
                        .inNamespace(stage.namespace())
                        .withField("involvedObject.name", meta.getName())
                        .list()
                        .getItems())
                .stream()
                .filter(event ->
                        about.getKind().equals(event.getInvolvedObject().getKind()))
                .filter(event -> event.getInvolvedObject().getUid() == null
                        || meta.getUid().equals(event.getInvolvedObject().getUid()))
                .forEach(events::add);
        return events;
    }

    private List<Pod> pods() {
        return ours(stage.cluster()
                .list(Pod.class, stage.namespace(), Map.of(StageJobManifest.JOB, stage.state().jobName)));
    }

    /** Those of them that belong to the Job, the oldest first. */
    List<Pod> ours(List<Pod> found) {
        List<Pod> pods = new ArrayList<>();
        for (Pod pod : found) {
            if (belongs(pod)) {
                pods.add(pod);
            }
        }
        pods.sort(Comparator.comparing((Pod pod) -> pod.getMetadata().getCreationTimestamp())
                .thenComparing(pod -> pod.getMetadata().getName()));
        return pods;
    }

    /** By owner or by the label that the Job controller gives, whose key depends on the server's version. */
    private boolean belongs(Pod pod) {
        String uid = stage.state().jobUid;
        for (OwnerReference owner : pod.getMetadata().getOwnerReferences()) {
            if (uid.equals(owner.getUid())) {
                return true;
            }
        }
        Map<String, String> labels = pod.getMetadata().getLabels();
        return CONTROLLER_UID.stream().anyMatch(key -> uid.equals(labels.get(key)));
    }
}
