package io.jenkins.plugins.ephemeral.workflow;

import static io.jenkins.plugins.ephemeral.workflow.YamlDocuments.refuse;

import java.util.Map;
import java.util.Set;

/** Which kinds an apply may hold. */
final class KindRules {
    private static final Set<String> CLUSTER_SCOPED = Set.of(
            "APIService",
            "CSIDriver",
            "CSINode",
            "CertificateSigningRequest",
            "ClusterRole",
            "ClusterRoleBinding",
            "ClusterTrustBundle",
            "CustomResourceDefinition",
            "FlowSchema",
            "IngressClass",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PodSecurityPolicy",
            "PriorityClass",
            "PriorityLevelConfiguration",
            "RuntimeClass",
            "StorageClass",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
            "VolumeAttachment");

    private final Set<String> allowed;

    /** @param allowed kinds of applications that an administrator allows */
    KindRules(Set<String> allowed) {
        this.allowed = allowed;
    }

    /** The kind of a document. */
    ManifestKind check(YamlDocuments.Document document, String apiVersion, String name) {
        refuseSpecial(document, name);
        ManifestKind kind = ManifestKind.of(name);
        if (kind == null || !kind.isTestkube() && !sameGroup(kind, apiVersion)) {
            throw refuse(
                    document.place("kind"),
                    apiVersion + ' ' + name + " is not applied by this step",
                    "It applies TestWorkflow and TestWorkflowTemplate of " + ManifestKind.WORKFLOWS_VERSION
                            + (allowed.isEmpty() ? "." : ", TestTrigger, and " + names() + '.'));
        }
        if (!kind.apiVersion().equals(apiVersion)) {
            throw refuse(
                    document.place("apiVersion"),
                    name + " has no version " + apiVersion,
                    "Write apiVersion: " + kind.apiVersion() + '.');
        }
        if (!kind.isTestkube() && !allowed.contains(name)) {
            throw refuse(
                    document.place("kind"),
                    apiVersion + ' ' + name + " is not allowed in environments of this Jenkins",
                    "An administrator allows it with 'Application kinds' in the global configuration of Ephemeral"
                            + " Environments" + (allowed.isEmpty() ? "." : "; allowed are " + names() + '.'));
        }
        return kind;
    }

    private String names() {
        return String.join(", ", new java.util.TreeSet<>(allowed));
    }

    private static boolean sameGroup(ManifestKind kind, String apiVersion) {
        return group(kind.apiVersion()).equals(group(apiVersion));
    }

    private static String group(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    private void refuseSpecial(YamlDocuments.Document document, String kind) {
        if (kind.equals(CustomDefinitions.KIND) && allowed.contains(kind)) {
            Object metadata = document.content().get("metadata");
            Object name = metadata instanceof Map ? ((Map<?, ?>) metadata).get("name") : null;
            if (!String.valueOf(name).endsWith(".testkube.io")) {
                throw refuse(
                        document.place("metadata", "name"),
                        "of CustomResourceDefinitions only Testkube's are installed, not " + name,
                        "Have an administrator of the cluster install it once.");
            }
            return;
        }
        if (CLUSTER_SCOPED.contains(kind)) {
            throw refuse(
                    document.place("kind"),
                    kind + " belongs to the whole cluster, and an environment may only change its own namespace",
                    "Have an administrator of the cluster install it once.");
        }
        if (kind.equals("TestWorkflowExecution")) {
            throw refuse(
                    document.place("kind"),
                    "an agent in runner mode does not execute TestWorkflowExecution resources: nothing would run, and"
                            + " nothing would say so",
                    "Run workflows with the ephemeralWorkflow step.");
        }
        if (kind.equals("List") || kind.endsWith("List") && document.content().containsKey("items")) {
            throw refuse(document.place("kind"), "lists are not applied", "Write its items as documents of their own.");
        }
    }
}
