package io.jenkins.plugins.ephemeral.config;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** On what terms environments are placed in a cluster, be it a Kubernetes cloud of Jenkins or a connection of ours. */
public final class ClusterPlacement extends AbstractDescribableImpl<ClusterPlacement> {
    private final String cluster;
    private int weight = 1;
    private int maxEnvironments;
    private String labels;
    private String poolNamespaces;
    private String poolLabels;

    /** @param cluster name of the cloud or cluster connection */
    @DataBoundConstructor
    public ClusterPlacement(String cluster) {
        this.cluster = cluster == null ? "" : cluster.trim();
    }

    public String getCluster() {
        return cluster;
    }

    public int getWeight() {
        return weight;
    }

    @DataBoundSetter
    public void setWeight(int weight) {
        this.weight = Math.max(1, weight);
    }

    public int getMaxEnvironments() {
        return maxEnvironments;
    }

    @DataBoundSetter
    public void setMaxEnvironments(int maxEnvironments) {
        this.maxEnvironments = Math.max(0, maxEnvironments);
    }

    public String getLabels() {
        return labels;
    }

    @DataBoundSetter
    public void setLabels(String labels) {
        this.labels = labels == null || labels.isBlank() ? null : labels.trim();
    }

    public String getPoolNamespaces() {
        return poolNamespaces;
    }

    @DataBoundSetter
    public void setPoolNamespaces(String poolNamespaces) {
        this.poolNamespaces = poolNamespaces == null || poolNamespaces.isBlank() ? null : poolNamespaces.trim();
    }

    public String getPoolLabels() {
        return poolLabels;
    }

    @DataBoundSetter
    public void setPoolLabels(String poolLabels) {
        this.poolLabels = poolLabels == null || poolLabels.isBlank() ? null : poolLabels.trim();
    }

    ClusterTerms terms() {
        return new ClusterTerms(
                weight,
                maxEnvironments,
                parse(labels),
                new ArrayList<>(parse(poolNamespaces).keySet()),
                parse(poolLabels));
    }

    /** {@code zone=eu, gpu}; a label without a value has an empty one. */
    private static Map<String, String> parse(String text) {
        Map<String, String> parsed = new LinkedHashMap<>();
        for (String label : text == null ? new String[0] : text.split("[,\\s]+")) {
            int equals = label.indexOf('=');
            if (!label.isEmpty()) {
                parsed.put(
                        equals < 0 ? label : label.substring(0, equals), equals < 0 ? "" : label.substring(equals + 1));
            }
        }
        return parsed;
    }

    /** Descriptor. */
    @Extension
    @Symbol("clusterPlacement")
    public static final class DescriptorImpl extends Descriptor<ClusterPlacement> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Placement in a cluster";
        }

        /** Checks that there is a name. */
        @POST
        public FormValidation doCheckCluster(@QueryParameter String value) {
            return FormValidation.validateRequired(value);
        }

        /** Checks that each label is {@code key} or {@code key=value}. */
        @POST
        public FormValidation doCheckPoolLabels(@QueryParameter String value) {
            return doCheckLabels(value);
        }

        /** Checks that each label is {@code key} or {@code key=value}. */
        @POST
        public FormValidation doCheckLabels(@QueryParameter String value) {
            for (String label : value == null ? new String[0] : value.trim().split("[,\\s]+")) {
                if (!label.matches("|[A-Za-z0-9][-A-Za-z0-9_./]*(=[-A-Za-z0-9_.]*)?")) {
                    return FormValidation.error("'" + label + "' is not key=value");
                }
            }
            return FormValidation.ok();
        }
    }
}
