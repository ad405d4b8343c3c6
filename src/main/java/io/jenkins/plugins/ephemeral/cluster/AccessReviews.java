package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.authorization.v1.ResourceRule;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectRulesReviewStatus;
import java.util.List;

/** What the server says that we may do (authorization.k8s.io/v1; everybody who is known to a cluster may ask). */
public final class AccessReviews {
    private final Cluster cluster;

    AccessReviews(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Asks about one right: one SelfSubjectAccessReview. The answer is final. */
    public boolean holds(AccessRight right) {
        return cluster.call("reviewing access", right.toString(), client -> client.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withVerb(right.verb())
                        .withGroup(right.group())
                        .withResource(right.resource())
                        .withName(right.name())
                        .withNamespace(right.namespace())
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed());
    }

    /** Asks for all rights in a namespace, which need not exist: one SelfSubjectRulesReview. */
    public Rules rules(String namespace) {
        SubjectRulesReviewStatus status = cluster.call("reviewing rules", namespace, client -> client.authorization()
                .v1()
                .selfSubjectRulesReview()
                .create(new SelfSubjectRulesReviewBuilder()
                        .withNewSpec()
                        .withNamespace(namespace)
                        .endSpec()
                        .build())
                .getStatus());
        return new Rules(status.getResourceRules(), Boolean.TRUE.equals(status.getIncomplete()));
    }

    /** What a rules review answered. */
    public static final class Rules {
        private final List<ResourceRule> rules;
        private final boolean incomplete;

        private Rules(List<ResourceRule> rules, boolean incomplete) {
            this.rules = rules == null ? List.of() : rules;
            this.incomplete = incomplete;
        }

        /** Whether the rules give that right. */
        public boolean give(AccessRight right) {
            return rules.stream().anyMatch(right::isGivenBy);
        }

        /** Whether there may be rights besides, as where an authorizer cannot list them. */
        public boolean isIncomplete() {
            return incomplete;
        }
    }
}
