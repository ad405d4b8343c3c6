package io.jenkins.plugins.ephemeral.config;

import hudson.model.Item;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.slaves.Cloud;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import jenkins.model.Jenkins;
import org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud;
import org.csanchez.jenkins.plugins.kubernetes.KubernetesFolderProperty;
import org.jenkinsci.plugins.kubernetes.auth.KubernetesAuthException;

/** A Kubernetes cloud of Jenkins, looked up by name at each use: it may be saved anew or deleted at any time. */
final class CloudAccess implements ClusterAccess {
    private final String name;
    private final ClusterTerms terms;

    CloudAccess(String name, ClusterTerms terms) {
        this.name = name;
        this.terms = terms;
    }

    @Override
    public ClusterTerms terms() {
        return terms;
    }

    /** A cloud of restricted usage is for jobs in folders that permit it, as the kubernetes plugin holds it for agents. */
    @Override
    public boolean isAllowedFor(String jobFullName) {
        // the job is looked up for the engine, not for a user
        try (ACLContext asSystem = ACL.as2(ACL.SYSTEM2)) {
            if (!cloud().isUsageRestricted()) {
                return true;
            }
            Item job = Jenkins.get().getItemByFullName(jobFullName);
            Set<String> allowed = new HashSet<>();
            if (job != null) {
                KubernetesFolderProperty.collectAllowedClouds(allowed, job.getParent());
            }
            return allowed.contains(name);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public KubernetesClient client() {
        return connect(cloud());
    }

    private KubernetesCloud cloud() {
        for (Cloud cloud : Jenkins.get().clouds) {
            if (cloud instanceof KubernetesCloud && cloud.name.equals(name)) {
                return (KubernetesCloud) cloud;
            }
        }
        throw new UserFault(
                "connecting to cluster " + name,
                "",
                "there is no Kubernetes cloud of that name any more",
                "Configure it again under Manage Jenkins > Clouds.");
    }

    private KubernetesClient connect(KubernetesCloud cloud) {
        try {
            return cloud.connect();
        } catch (KubernetesAuthException e) {
            throw new UserFault(
                    "connecting to cluster " + name,
                    "",
                    String.valueOf(e.getMessage()),
                    "Check the credentials of the cloud under Manage Jenkins > Clouds.",
                    e);
        } catch (IOException e) {
            throw new TransientFault(
                    "connecting to cluster " + name, "", String.valueOf(e.getMessage()), "", Duration.ZERO, e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CloudAccess && name.equals(((CloudAccess) other).name);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(name);
    }
}
