package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.jenkins.plugins.ephemeral.cluster.Observer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of a stage's Job and Pods without asking: the last look, and the newer objects that its watches brought
 * since. It is sure as long as the watches have stood since before that look and nothing was deleted; else it has to be
 * looked again. Thread-safe.
 *
 * <p>Which of two states of an object is newer is told by their resource versions, compared as numbers: what etcd's
 * revisions are, and what the API promises since Kubernetes 1.35 (KEP-5504). Where they are none, it is looked again.
 */
final class StageView implements Observer {
    private final StageLook look;
    private final Runnable wake;
    private final Map<String, HasMetadata> news = new HashMap<>();
    private Sight last;
    private boolean sure;
    /** How often something may have been missed. */
    private long gaps;

    /** @param wake called at each change */
    StageView(StageLook look, Runnable wake) {
        this.look = look;
        this.wake = wake;
    }

    @Override
    public void changed(HasMetadata object, boolean deleted) {
        synchronized (this) {
            if (deleted) {
                doubt();
            } else {
                news.merge(object.getMetadata().getUid(), object, this::newer);
            }
        }
        wake.run();
    }

    @Override
    public void missed() {
        synchronized (this) {
            doubt();
        }
        wake.run();
    }

    private void doubt() {
        gaps++;
        sure = false;
    }

    /**
     * Looks.
     *
     * @param watched whether the watches stand
     */
    Sight look(boolean watched) {
        long before;
        synchronized (this) {
            sure = false;
            news.clear();
            before = gaps;
        }
        Sight sight = look.sight();
        synchronized (this) {
            last = sight;
            sure = watched && gaps == before;
        }
        return sight;
    }

    /**
     * What there is by all that is known, or null if it has to be looked at.
     *
     * @param watched whether the watches stand
     */
    synchronized Sight sight(boolean watched) {
        if (!sure || !watched || last.job() == null) {
            return null;
        }
        Job job = newer(last.job());
        Map<String, Pod> pods = new HashMap<>();
        last.pods().forEach(pod -> pods.put(pod.getMetadata().getUid(), newer(pod)));
        for (HasMetadata each : news.values()) {
            if (each instanceof Pod) {
                pods.putIfAbsent(each.getMetadata().getUid(), (Pod) each);
            } else if (!each.getMetadata().getUid().equals(job.getMetadata().getUid())) {
                doubt(); // another Job of its name
            }
        }
        List<Pod> all = look.ours(new ArrayList<>(pods.values()));
        return sure ? new Sight(job, null, all, List.of()) : null;
    }

    @SuppressWarnings("unchecked")
    private <T extends HasMetadata> T newer(T seen) {
        HasMetadata heard = news.get(seen.getMetadata().getUid());
        return heard == null ? seen : (T) newer(seen, heard);
    }

    private HasMetadata newer(HasMetadata one, HasMetadata other) {
        try {
            return version(other) > version(one) ? other : one;
        } catch (NumberFormatException e) {
            doubt();
            return other;
        }
    }

    private static long version(HasMetadata object) {
        return Long.parseLong(object.getMetadata().getResourceVersion());
    }
}
