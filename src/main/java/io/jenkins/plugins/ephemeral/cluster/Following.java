package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;

/** How changes of a kind are heard of in a cluster; which way it is follows from what the identity may do there. */
public enum Following {
    /** One watch for the whole cluster, filtered by our labels: one connection, however many environments. */
    CLUSTER("one watch for the whole cluster"),
    /** A watch in each namespace where somebody waits, up to a bound, for as long as somebody does; looks in between. */
    NAMESPACED("a watch in each namespace where a step waits, as Jenkins may not watch it in the whole cluster");

    private final String words;

    Following(String words) {
        this.words = words;
    }

    /** For the log and the cluster's page. */
    public String words() {
        return words;
    }

    /**
     * Asks the server, by one SelfSubjectAccessReview (authorization.k8s.io/v1), which everybody may make.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.Fault if it cannot be asked
     */
    static Following of(Cluster cluster, Class<? extends HasMetadata> type) {
        SelfSubjectAccessReview review = new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withVerb("watch")
                .withGroup(HasMetadata.getGroup(type))
                .withResource(HasMetadata.getPlural(type))
                .endResourceAttributes()
                .endSpec()
                .build();
        SelfSubjectAccessReview answer = cluster.call(
                "reviewing access",
                "watch " + HasMetadata.getPlural(type),
                client -> client.authorization().v1().selfSubjectAccessReview().create(review));
        boolean allowed = answer.getStatus() != null
                && Boolean.TRUE.equals(answer.getStatus().getAllowed());
        return allowed ? CLUSTER : NAMESPACED;
    }
}
