package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The kinds that are applied: Testkube's, and those of applications that an administrator may allow. What gives rights
 * (roles, bindings), opens networks or belongs to the cluster is not among them, whatever is allowed.
 */
final class ManifestKind {
    /** Group and version of workflows and templates. Source: Testkube 2.12, {@code k8s/crd}. */
    static final String WORKFLOWS_VERSION = "testworkflows.testkube.io/v1";

    /** Group and version of triggers. */
    static final String TRIGGERS_VERSION = "tests.testkube.io/v1";

    private static final Map<String, ManifestKind> BY_KIND = new LinkedHashMap<>();

    static {
        add("apiextensions.k8s.io/v1", CustomDefinitions.KIND, "customresourcedefinitions", false);
        add(WORKFLOWS_VERSION, "TestWorkflowTemplate", "testworkflowtemplates", true);
        add(WORKFLOWS_VERSION, "TestWorkflow", "testworkflows", true);
        add(TRIGGERS_VERSION, "TestTrigger", "testtriggers", true);
        add("v1", "ConfigMap", "configmaps", false);
        add("v1", "Secret", "secrets", false);
        add("v1", "PersistentVolumeClaim", "persistentvolumeclaims", false);
        add("v1", "Service", "services", false);
        add("apps/v1", "StatefulSet", "statefulsets", false);
        add("apps/v1", "Deployment", "deployments", false);
        add("apps/v1", "DaemonSet", "daemonsets", false);
        add("batch/v1", "Job", "jobs", false);
        add("batch/v1", "CronJob", "cronjobs", false);
        add("networking.k8s.io/v1", "Ingress", "ingresses", false);
        add("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", false);
        add("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", false);
    }

    private final String apiVersion;
    private final String kind;
    private final String plural;
    private final boolean testkube;
    private final int order;

    private ManifestKind(String apiVersion, String kind, String plural, boolean testkube, int order) {
        this.apiVersion = apiVersion;
        this.kind = kind;
        this.plural = plural;
        this.testkube = testkube;
        this.order = order;
    }

    private static void add(String apiVersion, String kind, String plural, boolean testkube) {
        BY_KIND.put(kind, new ManifestKind(apiVersion, kind, plural, testkube, BY_KIND.size()));
    }

    /** The kind of that name, or null if none is applied under it. */
    static ManifestKind of(String kind) {
        return BY_KIND.get(kind);
    }

    /** Names of the kinds that need an administrator's word. */
    static List<String> ofApplications() {
        List<String> names = new ArrayList<>();
        BY_KIND.values().stream().filter(each -> !each.testkube).forEach(each -> names.add(each.kind));
        return names;
    }

    String apiVersion() {
        return apiVersion;
    }

    String kind() {
        return kind;
    }

    /** Whether it is one of Testkube's custom resources. */
    boolean isTestkube() {
        return testkube;
    }

    /** Whether its content is in {@code spec}. */
    boolean hasSpec() {
        return !kind.equals("ConfigMap") && !kind.equals("Secret");
    }

    /** Place in the order of applying: what others refer to comes first. */
    int order() {
        return order;
    }

    /** What the client needs to know of it, so that it need not ask the server. */
    ResourceDefinitionContext context() {
        int slash = apiVersion.indexOf('/');
        return new ResourceDefinitionContext.Builder()
                .withGroup(slash < 0 ? null : apiVersion.substring(0, slash))
                .withVersion(apiVersion.substring(slash + 1))
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(!kind.equals(CustomDefinitions.KIND))
                .build();
    }
}
