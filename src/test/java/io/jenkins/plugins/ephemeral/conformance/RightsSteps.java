package io.jenkins.plugins.ephemeral.conformance;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.environment.FixedRoles;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What Jenkins does in a cluster, one request for each right that it has; every step may be repeated. */
final class RightsSteps {
    static final String POD = "done";

    private static final String OBJECT =
            """
            apiVersion: %s
            kind: %s
            metadata: {name: %s, namespace: %s, annotations: {example.com/applied: "%s"}}
            %s
            """;
    private static final String CONTAINERS =
            "containers: [{name: main, image: \"busybox:1.35\", command: [sh, -c, \"true\"]}]";
    private static final Map<String, String> SPECS = new HashMap<>();

    static {
        SPECS.put("ResourceQuota", "spec: {hard: {count/configmaps: \"100\"}}");
        SPECS.put("LimitRange", "spec: {limits: [{type: Container, defaultRequest: {cpu: 10m}}]}");
        SPECS.put("ServiceAccount", "automountServiceAccountToken: false");
        SPECS.put("NetworkPolicy", "spec: {podSelector: {}, policyTypes: [Ingress]}");
        SPECS.put("Secret", "stringData: {a: b}");
        SPECS.put(
                "PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}");
        SPECS.put("Job", "spec: {suspend: true, template: {spec: {restartPolicy: Never, " + CONTAINERS + "}}}");
        SPECS.put(
                "Deployment",
                "spec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {"
                        + CONTAINERS + "}}}");
        SPECS.put("Service", "spec: {selector: {a: b}, ports: [{port: 80, protocol: TCP}]}");
        SPECS.put(
                "StatefulSet",
                "spec: {replicas: 0, serviceName: a, selector: {matchLabels: {a: b}}, template: {metadata: {labels:"
                        + " {a: b}}, spec: {" + CONTAINERS + "}}}");
        SPECS.put("TestWorkflow", "spec: {steps: [{shell: echo}]}");
        SPECS.put("TestWorkflowTemplate", "spec: {steps: [{shell: echo}]}");
        SPECS.put("TestWorkflowExecution", "spec: {testWorkflow: {name: a}}");
    }

    /** One request. */
    final class Step {
        private final String right;
        private final boolean inside;
        private final String resourceName;
        private final Runnable preparation;
        private final Runnable action;

        private Step(String right, boolean inside, String resourceName, Runnable preparation, Runnable action) {
            this.right = right;
            this.inside = inside;
            this.resourceName = resourceName;
            this.preparation = preparation;
            this.action = action;
        }

        void prepare() {
            preparation.run();
        }

        void run() {
            action.run();
        }

        boolean isInside() {
            return inside;
        }

        /** The name that the right is limited to, null for any. */
        String resourceName() {
            return resourceName;
        }

        @Override
        public String toString() {
            return right;
        }
    }

    private final KubernetesClient jenkins;
    private final String namespace;
    private final String home;
    private final UnaryOperator<String> installed;
    private final Map<String, Step> steps = new LinkedHashMap<>();

    /**
     * @param jenkins a client with the rights in question
     * @param namespace the environment
     * @param home the namespace of Jenkins' own service account
     * @param installed the name under which a role of {@code deploy/} is installed here
     */
    RightsSteps(KubernetesClient jenkins, String namespace, String home, UnaryOperator<String> installed) {
        this.installed = installed;
        this.jenkins = jenkins;
        this.namespace = namespace;
        this.home = home;
        controller();
        inside("", "resourcequotas", "v1", "ResourceQuota", "get", "create", "patch");
        inside("", "serviceaccounts", "v1", "ServiceAccount", "get", "create", "patch");
        inside("", "limitranges", "v1", "LimitRange", "create", "patch");
        inside("networking.k8s.io", "networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", "create", "patch");
        inside("", "secrets", "v1", "Secret", "get", "create", "patch", "delete");
        inside("", "persistentvolumeclaims", "v1", "PersistentVolumeClaim", "create");
        inside("", "configmaps", "v1", "ConfigMap", "get", "create", "patch", "delete");
        inside("", "services", "v1", "Service", "get", "create", "patch", "delete");
        inside("apps", "statefulsets", "apps/v1", "StatefulSet", "get", "create", "patch", "delete");
        inside("batch", "jobs", "batch/v1", "Job", "get", "list", "watch", "create", "delete");
        inside("apps", "deployments", "apps/v1", "Deployment", "get", "watch", "create", "patch", "delete");
        String testkube = "testworkflows.testkube.io";
        String[] verbs = {"get", "list", "create", "patch", "delete"};
        inside(testkube, "testworkflows", testkube + "/v1", "TestWorkflow", verbs);
        inside(testkube, "testworkflowtemplates", testkube + "/v1", "TestWorkflowTemplate", verbs);
        inside(
                testkube,
                "testworkflowexecutions",
                testkube + "/v1",
                "TestWorkflowExecution",
                "get",
                "list",
                "create",
                "delete");
        inside("", "pods", "v1", "Pod", "get", "list", "watch", "delete");
        add("get pods/log", true, () -> raw("GET", "/api/v1/namespaces/" + namespace + "/pods/" + POD + "/log"));
        add("create serviceaccounts/token", true, () -> jenkins.serviceAccounts()
                .inNamespace(namespace)
                .withName("default")
                .tokenRequest(new TokenRequest()));
        add("get services/proxy", true, () -> proxied("GET"));
        add("create services/proxy", true, () -> proxied("POST"));
        add("list events", true, () -> jenkins.v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.uid", "none")
                .list());
    }

    static Pod pod(String namespace) {
        return Serialization.unmarshal(
                OBJECT.formatted("v1", "Pod", POD, namespace, "0", "spec: {restartPolicy: Never, " + CONTAINERS + "}"),
                Pod.class);
    }

    String namespace() {
        return namespace;
    }

    Map<String, Step> all() {
        return steps;
    }

    private void add(String right, boolean inside, Runnable action) {
        steps.put(right, new Step(right, inside, null, () -> {}, action));
    }

    private void raw(String method, String path) {
        if (jenkins.raw(path, method, null) == null && method.equals("GET")) {
            throw new AssertionError("nothing at " + path);
        }
    }

    /** Of a Service that is not there: who may ask is told so. */
    private void proxied(String method) {
        try {
            jenkins.raw(
                    "/api/v1/namespaces/" + namespace + "/services/no-such-service:8088/proxy/v1/info", method, null);
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e;
            }
        }
    }

    private void controller() {
        add("get namespaces", false, () -> raw("GET", "/api/v1/namespaces/" + namespace));
        add("list namespaces", false, () -> jenkins.namespaces()
                .withLabel("a", "b")
                .list());
        add("watch namespaces", false, () -> watchOnce("v1", "Namespace", null));
        add("create namespaces", false, () -> jenkins.resource(Serialization.unmarshal(
                        "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"dry-run\"}}",
                        io.fabric8.kubernetes.api.model.Namespace.class))
                .dryRun(true)
                .create());
        add("patch namespaces", false, () -> jenkins.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToAnnotations("example.com/renewed", Conformance.unique("at"))
                        .endMetadata()
                        .build())
                .fieldManager("ephemeral-environments")
                .serverSideApply());
        add("delete namespaces", false, () -> jenkins.namespaces()
                .withName("no-such-namespace")
                .delete());
        String group = "rbac.authorization.k8s.io";
        add("create rolebindings." + group, true, () -> bind(FixedRoles.NAMESPACE));
        add("patch rolebindings." + group, true, () -> jenkins.resource(binding("own", FixedRoles.NAMESPACE))
                .fieldManager("ephemeral-environments")
                .forceConflicts()
                .serverSideApply());
        String bind = "bind clusterroles." + group;
        steps.put(
                bind,
                new Step(
                        bind,
                        false,
                        installed.apply(FixedRoles.NAMESPACE),
                        () -> {},
                        () -> bind(FixedRoles.TESTKUBE_AGENT)));
    }

    /** The environment's first part. */
    void bindOwnRights() {
        jenkins.resource(binding("own", FixedRoles.NAMESPACE)).create();
    }

    void bind(String role) {
        jenkins.resource(binding(Conformance.unique("bound"), role)).create();
    }

    private RoleBinding binding(String name, String role) {
        return new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", installed.apply(role))
                .addNewSubject(null, "ServiceAccount", "ephemeral-environments", home)
                .build();
    }

    private void inside(String group, String plural, String apiVersion, String kind, String... verbs) {
        String path = (group.isEmpty() ? "/api/" : "/apis/") + apiVersion + "/namespaces/" + namespace + "/" + plural;
        boolean made = List.of(verbs).contains("create");
        String there = made ? "there" : POD;
        for (String verb : verbs) {
            String right = RightsConformance.right(verb, group, plural);
            Runnable action =
                    switch (verb) {
                        case "get" -> () -> raw("GET", path + "/" + there);
                        case "list" -> () -> raw("GET", path);
                        case "watch" -> () -> watchOnce(apiVersion, kind, namespace);
                        case "create" -> () -> create(apiVersion, kind);
                        case "patch" -> () -> apply(apiVersion, kind, there);
                        default -> () -> deleteMissing(apiVersion, kind);
                    };
            Runnable preparation = made && verb.equals("create") ? () -> createThere(apiVersion, kind) : () -> {};
            steps.put(right, new Step(right, true, null, preparation, action));
        }
    }

    private HasMetadata object(String apiVersion, String kind, String name) {
        return (HasMetadata) Serialization.<Object>unmarshal(OBJECT.formatted(
                apiVersion, kind, name, namespace, Conformance.unique("at"), SPECS.getOrDefault(kind, "")));
    }

    private void createThere(String apiVersion, String kind) {
        jenkins.resource(object(apiVersion, kind, "there")).create();
    }

    private void create(String apiVersion, String kind) {
        jenkins.resource(object(apiVersion, kind, Conformance.unique("made"))).create();
    }

    private void apply(String apiVersion, String kind, String name) {
        jenkins.resource(object(apiVersion, kind, name))
                .fieldManager("ephemeral-environments")
                .forceConflicts()
                .serverSideApply();
    }

    private void deleteMissing(String apiVersion, String kind) {
        jenkins.resource(object(apiVersion, kind, "no-such-object")).delete();
    }

    private void watchOnce(String apiVersion, String kind, String in) {
        var resources = jenkins.genericKubernetesResources(apiVersion, kind);
        Watcher<io.fabric8.kubernetes.api.model.GenericKubernetesResource> silent = new Watcher<>() {
            @Override
            public void eventReceived(Action action, io.fabric8.kubernetes.api.model.GenericKubernetesResource object) {
                // only whether it opens matters
            }

            @Override
            public void onClose(WatcherException cause) {
                // the call that opened it has failed already
            }
        };
        Watch watch = in == null
                ? resources.withLabel("a", "b").watch(silent)
                : resources.inNamespace(in).withLabel("a", "b").watch(silent);
        watch.close();
    }
}
