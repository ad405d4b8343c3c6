package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.jenkins.plugins.ephemeral.cluster.AccessRight;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether a namespace can be used: the service accounts are there, the quota is counted, the binding is effective. A Pod
 * that is sent before that is refused.
 */
final class Readiness {
    /** A new role binding takes effect within this time, as API servers notice it by a watch of their own. */
    static final Duration BINDING_SPREADS = Duration.ofSeconds(15);

    private final EnvironmentService service;
    private final AccessRight proof;
    private final Instant boundAt;
    private final Fork checks;

    /** @param boundAt when the role was bound that gives Jenkins its rights inside, or null if none was bound */
    Readiness(EnvironmentService service, Cluster cluster, EnvironmentRecord record, Instant boundAt) {
        this.service = service;
        this.boundAt = boundAt;
        proof = new AccessRight("create", "batch", "jobs", null, record.namespace());
        checks = new Fork(service.driver());
        checks.add(() -> cluster.get(ResourceQuota.class, record.namespace(), Parts.NAME)
                .filter(Parts::isCounted)
                .isPresent());
        checks.add(() ->
                cluster.get(ServiceAccount.class, record.namespace(), "default").isPresent());
        if (boundAt != null) {
            checks.add(() -> isEffective(cluster));
        }
    }

    /**
     * Looks; calls that are begun wake the turn.
     *
     * @return whether it can be used
     */
    boolean advance() {
        return checks.advance();
    }

    /** Whether calls are under way. */
    boolean isLooking() {
        return checks.isRunning();
    }

    private boolean isEffective(Cluster cluster) {
        if (cluster.reviews().holds(proof)) {
            return true;
        }
        if (service.now().isBefore(boundAt.plus(BINDING_SPREADS))) {
            return false;
        }
        throw new UserFault(
                "Waiting until the environment can be used",
                cluster.name() + '/' + proof,
                "the binding of ClusterRole " + FixedRoles.NAMESPACE + " does not give Jenkins this right",
                "Apply deploy/rbac.yaml as it is in this release.");
    }
}
