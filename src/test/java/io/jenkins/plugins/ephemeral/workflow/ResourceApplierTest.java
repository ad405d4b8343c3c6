package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.jenkins.plugins.ephemeral.agent.TestkubeStage;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import io.jenkins.plugins.ephemeral.bench.testkube.ServerFault;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.TestkubeDefinitions;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import io.jenkins.plugins.ephemeral.engine.OwedDefinitions;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;

/** Manifests on their way into a namespace and a control plane. */
public class ResourceApplierTest {
    private static final String HEAD = "apiVersion: testworkflows.testkube.io/v1\nkind: ";
    private static final String SMOKE = HEAD
            + "TestWorkflow\nmetadata: {name: smoke, labels: {tier: smoke}}\nspec: {steps: [{shell: \"echo ${word}\"}]}\n";
    private static final String LOAD =
            HEAD + "TestWorkflow\nmetadata: {name: load}\nspec: {steps: [{shell: \"true\"}]}\n";
    private static final String BASE = HEAD + "TestWorkflowTemplate\nmetadata: {name: base}\nspec: {}\n";

    private final TestkubeStage stage = new TestkubeStage();

    @Rule
    public final RuleChain rules = RuleChain.outerRule(stage).around(new OpenApiContract(stage::controlPlane));

    private final Set<String> allowed = new TreeSet<>(Set.of("ConfigMap", "Deployment", "Service"));
    private final ApplySpec spec = new ApplySpec();
    private ResourceApplier applier;
    private OwedDefinitions owed;

    private Reconciler<ApplyResult> application(
            NamespaceRef environment, boolean prune, String controlPlane, String... texts) {
        if (applier == null) {
            TestkubeStage.Controller controller = stage.controller();
            owed = new OwedDefinitions(controller.environments(), controller.clients());
            applier = new ResourceApplier(controller.clusters(), controller.clients(), "ctl-1", () -> allowed, owed);
        }
        List<ManifestSource> sources = java.util.stream.IntStream.range(0, texts.length)
                .mapToObj(i -> new ManifestSource("testkube/" + i + ".yaml", texts[i]))
                .toList();
        spec.parameters.put("word", "hello");
        spec.prune = prune;
        spec.controlPlane = controlPlane;
        return applier.apply(environment, sources, spec, stage.console::add);
    }

    private ApplyResult apply(NamespaceRef environment, boolean prune, String controlPlane, String... texts)
            throws Throwable {
        return stage.controller().finish(application(environment, prune, controlPlane, texts));
    }

    private void installDefinitions() {
        TestkubeDefinitions.require(stage.admin());
        await().until(() ->
                TestkubeDefinitions.isEstablished(stage.admin(), "testworkflowtemplates.testworkflows.testkube.io")
                        && TestkubeDefinitions.isEstablished(stage.admin(), "testworkflows.testworkflows.testkube.io"));
    }

    private List<String> workflowsOf(NamespaceRef environment) {
        return stage
                .admin()
                .genericKubernetesResources("testworkflows.testkube.io/v1", "TestWorkflow")
                .inNamespace(environment.namespace())
                .list()
                .getItems()
                .stream()
                .map(resource -> resource.getMetadata().getName())
                .toList();
    }

    @Test
    public void resourcesGoToTheNamespaceAndToTheControlPlane() throws Throwable {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");

        ApplyResult result = apply(environment, true, "testkube", SMOKE, BASE);

        assertThat(result.applied).containsExactly("TestWorkflowTemplate/base", "TestWorkflow/smoke");
        assertThat(result.workflows).containsExactly("smoke");
        assertThat(result.pruned).isEmpty();
        GenericKubernetesResource smoke = stage.admin()
                .genericKubernetesResources("testworkflows.testkube.io/v1", "TestWorkflow")
                .inNamespace("shop-1")
                .withName("smoke")
                .get();
        assertThat(smoke.getMetadata().getLabels())
                .containsEntry("tier", "smoke")
                .containsEntry("app.kubernetes.io/managed-by", "ephemeral-environments")
                .containsEntry("ephemeral.jenkins.io/controller", "ctl-1")
                .containsEntry("ephemeral.jenkins.io/environment", "shop-1");
        assertThat(smoke.getAdditionalProperties().toString()).contains("echo hello");
        assertThat(stage.controlPlane().workflowNames()).containsExactly("smoke");
        assertThat(stage.controlPlane().templateNames()).containsExactly("base");
        assertThat(stage.controlPlane().exchanges())
                .filteredOn(exchange -> exchange.method().equals("POST"))
                .extracting(Exchange::requestText)
                .as("what is shared by all builds carries nothing of this environment")
                .noneMatch(text -> text.contains("ephemeral.jenkins.io") || text.contains("shop-1"));
        assertThat(stage.console)
                .contains("Applied to dev/shop-1 and control plane testkube: TestWorkflowTemplate/base,"
                        + " TestWorkflow/smoke.");
    }

    @Test
    public void whatIsNotNamedAnyMoreIsPrunedFromTheNamespaceOnly() throws Throwable {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        apply(environment, true, "testkube", SMOKE, LOAD);
        assertThat(workflowsOf(environment)).containsExactlyInAnyOrder("smoke", "load");

        assertThat(apply(environment, false, "testkube", SMOKE).pruned).isEmpty();
        assertThat(workflowsOf(environment)).containsExactlyInAnyOrder("smoke", "load");

        ApplyResult result = apply(environment, true, "testkube", SMOKE);
        assertThat(result.pruned).containsExactly("TestWorkflow/load");
        assertThat(workflowsOf(environment)).containsExactly("smoke");
        assertThat(stage.controlPlane().workflowNames())
                .as("other builds run it")
                .containsExactlyInAnyOrder("smoke", "load");
        assertThat(new Inventory(stage.controller().clusters().cluster("dev"), environment).read())
                .containsExactly("TestWorkflow/smoke");
    }

    @Test
    public void whatSomebodyElseMadeIsNotPruned() throws Throwable {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        apply(environment, true, null, SMOKE, LOAD);
        stage.admin()
                .genericKubernetesResources("testworkflows.testkube.io/v1", "TestWorkflow")
                .inNamespace("shop-1")
                .withName("load")
                .edit(load -> {
                    load.getMetadata().getLabels().remove("ephemeral.jenkins.io/environment");
                    return load;
                });

        apply(environment, true, null, SMOKE);

        assertThat(workflowsOf(environment)).containsExactlyInAnyOrder("smoke", "load");
    }

    @Test
    public void withoutCrdsTheControlPlaneTakesThemAndTheClusterIsAskedOnce() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        apply(environment, true, "testkube", SMOKE);
        apply(environment, true, "testkube", SMOKE);

        assertThat(stage.controlPlane().workflowNames()).containsExactly("smoke");
        assertThat(stage.kube().requests().all())
                .filteredOn(request -> request.path().equals("/apis/testworkflows.testkube.io/v1"))
                .hasSize(1);
    }

    @Test
    public void withoutCrdsAndAgentThereIsNowhereToApplyThem() {
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> apply(environment, true, null, SMOKE))
                .isInstanceOf(UserFault.class)
                .hasMessage("applying manifests (dev/shop-1): the cluster does not know Testkube's resources, and the"
                        + " environment has no agent whose control plane would take them. Call ephemeralAgent() first, or"
                        + " have an administrator install Testkube's CRDs in the cluster.");
    }

    @Test
    public void nothingIsWrittenWhenOneOfTheFilesIsWrong() {
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> apply(
                        environment,
                        true,
                        "testkube",
                        SMOKE,
                        LOAD.replace("name: load", "name: load, namespace: prod")))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining(
                        "reading manifests (testkube/1.yaml:3): TestWorkflow/load names the namespace prod");
        assertThat(stage.controlPlane().exchanges()).isEmpty();
    }

    @Test
    public void whatAServerRefusesNamesFileAndLine() {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        stage.kube().faults().on("PATCH", ".*/testworkflows/smoke").status(422);

        assertThatThrownBy(() -> apply(environment, true, null, LOAD, SMOKE))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("checking TestWorkflow (dev/shop-1/smoke, from testkube/1.yaml:1): ");
    }

    @Test
    public void lostAnswersAndDeathsInBetweenComeToTheSame() throws Throwable {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        stage.controlPlane().failNext("POST", "/test-workflows$", ServerFault.answerLost());
        stage.kube().faults().on("POST", ".*/configmaps").times(1).loseAnswer();
        apply(environment, true, "testkube", SMOKE, BASE);

        for (int death = 1; death < 9; death++) {
            int calls = death;
            AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
            stage.restart(new Outside(new Outside.Cut() {
                @Override
                public void before(String point) {}

                @Override
                public void after(String point) {
                    if (left.decrementAndGet() == 0) {
                        throw new AssertionError("killed after " + calls);
                    }
                }
            }));
            applier = null;
            left.set(calls);
            assertThatThrownBy(() -> apply(environment, true, "testkube", LOAD, BASE))
                    .hasMessage("killed after " + calls);
            stage.restart(new Outside());
            applier = null;
            apply(environment, true, "testkube", LOAD, BASE);
            assertThat(workflowsOf(environment)).containsExactly("load");
            apply(environment, true, "testkube", SMOKE, BASE);
            assertThat(workflowsOf(environment)).containsExactly("smoke");
        }
    }

    private static final String CONFIG =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {greeting: \"${word}\"}\n";

    private static String deployment(String script) {
        return """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 1
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: web
                    image: busybox:1.35
                    command: [sh, -c, "%s"]
                    resources: {limits: {cpu: 100m, memory: 64Mi}, requests: {cpu: 10m, memory: 16Mi}}
            """
                .formatted(script);
    }

    @Test
    public void anApplicationIsAppliedAndWaitedFor() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        spec.waitForAvailable = true;
        spec.deadlineMillis = System.currentTimeMillis() + 30_000;

        ApplyResult result = apply(environment, true, null, deployment("exec sleep 600"), CONFIG);

        assertThat(result.applied).containsExactly("ConfigMap/web", "Deployment/web");
        assertThat(stage.admin()
                        .apps()
                        .deployments()
                        .inNamespace("shop-1")
                        .withName("web")
                        .get()
                        .getStatus()
                        .getAvailableReplicas())
                .isEqualTo(1);
        assertThat(stage.admin()
                        .configMaps()
                        .inNamespace("shop-1")
                        .withName("web")
                        .get()
                        .getData())
                .containsEntry("greeting", "hello");
        assertThat(stage.console)
                .contains("Deployment/web is available.", "Applied to dev/shop-1: ConfigMap/web, Deployment/web.");

        assertThat(apply(environment, true, null, CONFIG).pruned).containsExactly("Deployment/web");
        await().until(() -> stage.admin()
                        .apps()
                        .deployments()
                        .inNamespace("shop-1")
                        .withName("web")
                        .get()
                == null);
    }

    @Test
    public void portsThatNameNoProtocolAreAppliedWithIt() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        String service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
                + "spec: {selector: {app: web}, ports: [{port: 80}, {port: 53, name: dns, protocol: UDP}]}\n";

        apply(
                environment,
                true,
                null,
                service,
                deployment("exec sleep 600")
                        .replace("          image:", "          ports: [{containerPort: 80}]\n          image:"));

        assertThat(stage.admin()
                        .services()
                        .inNamespace("shop-1")
                        .withName("web")
                        .get()
                        .getSpec()
                        .getPorts())
                .extracting(ServicePort::getProtocol)
                .containsExactly("TCP", "UDP");
        assertThat(ownedFields(stage.admin()
                        .services()
                        .inNamespace("shop-1")
                        .withName("web")
                        .get()))
                .as("servers up to 1.20 answer 500 to a port without it")
                .contains("\"port\":80,\"protocol\":\"TCP\"}={.={}, f:port={}, f:protocol={}");
    }

    private static String ownedFields(HasMetadata object) {
        return object.getMetadata().getManagedFields().stream()
                .filter(entry -> ClusterWriter.FIELD_MANAGER.equals(entry.getManager()))
                .map(entry -> entry.getFieldsV1().getAdditionalProperties().toString())
                .toList()
                .toString();
    }

    @Test
    public void whatDoesNotBecomeAvailableSaysWhy() {
        NamespaceRef environment = stage.environment("shop-1");
        // without a probe it would be ready, and its Deployment available, for as long as its shell lives
        stage.kube().images().neverReady("busybox");
        spec.waitForAvailable = true;
        spec.deadlineMillis = System.currentTimeMillis() + 8_000;

        assertThatThrownBy(() -> apply(environment, true, null, deployment("echo no database; exit 3")))
                .isInstanceOf(UserFault.class)
                .hasMessageStartingWith("waiting for Deployment/web (dev/shop-1, from testkube/0.yaml:1): it is not"
                        + " available in time: 0 of 1 Pods are available; ")
                .hasMessageContaining("ended with exit code 3")
                .hasMessageContaining("its log ends: no database")
                .hasMessageEndingWith("Correct it, or give it more time with timeout.");
        assertThat(stage.console).anyMatch(line -> line.startsWith("Deployment/web: 0 of 1 Pods are available"));
    }

    @Test
    public void whatHidesAMistakeInAFieldIsFoundBeforeTheFirstWrite() {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        String mistaken = LOAD.replace(
                "spec: {steps: [{shell: \"true\"}]}", "spec:\n  steps: [{shell: \"true\"}]\n  containr: {image: a}");

        assertThatThrownBy(() -> apply(environment, true, null, SMOKE, mistaken))
                .isInstanceOf(UserFault.class)
                .hasMessage(
                        "checking TestWorkflow (dev/shop-1/load, from testkube/1.yaml:6): the server does not know the"
                                + " field spec.containr and would drop it. Correct or remove it.");
        assertThat(workflowsOf(environment)).isEmpty();
        assertThat(stage.admin()
                        .configMaps()
                        .inNamespace("shop-1")
                        .withName(Inventory.NAME)
                        .get())
                .as("the inventory comes after the check")
                .isNull();
        assertThat(stage.kube().requests().all())
                .filteredOn(request ->
                        request.method().equals("PATCH") && request.path().startsWith("/apis/testworkflows."))
                .isNotEmpty()
                .allMatch(request -> request.query().contains("fieldValidation=Strict"));
    }

    @Test
    public void whatTheServerRefusesIsFoundInTheFile() {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        String mistaken = HEAD + "TestWorkflow\nmetadata: {name: load}\nspec:\n  steps: []\n  pod:\n    labels: 7\n";

        assertThatThrownBy(() -> apply(environment, true, null, mistaken))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("(dev/shop-1/load, from testkube/0.yaml:7)")
                .hasMessageContaining("spec.pod.labels in body must be of type object");
    }

    @Test
    public void theEnvironmentsOwnObjectsCannotBeTakenOver() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.controller()
                .clusters()
                .cluster("dev")
                .apply(new io.fabric8.kubernetes.api.model.ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .withNamespace("shop-1")
                        .endMetadata()
                        .withData(Map.of("greeting", "ours"))
                        .build());

        assertThatThrownBy(() -> apply(environment, true, null, CONFIG))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("fields are owned by another field manager")
                .hasMessageContaining("ephemeral-environments");
    }

    @Test
    public void whatIsTooLargeForAClientSideApplyIsApplied() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        String big = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  text: \"" + "x".repeat(900_000)
                + "\"\n";
        assertThat(apply(environment, true, null, big).applied).containsExactly("ConfigMap/big");
    }

    private static final String TRIGGER =
            """
            apiVersion: tests.testkube.io/v1
            kind: TestTrigger
            metadata: {name: after-rollout}
            spec:
              resource: deployment
              resourceSelector: {labelSelector: {matchLabels: {app: web}}}
              event: modified
              action: run
              actionParameters: {config: {word: a}}
              execution: testworkflow
              testSelector: {name: smoke}
            """;

    @Test
    public void triggersAreTheEnvironmentsOwnAndGoWithIt() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        spec.agentName = "jk-shop-1";

        ApplyResult result = apply(environment, true, "testkube", TRIGGER, SMOKE);
        apply(environment, true, "testkube", TRIGGER, SMOKE);

        assertThat(result.applied).containsExactly("TestWorkflow/smoke", "TestTrigger/after-rollout");
        assertThat(stage.controlPlane().triggers()).hasSize(1);
        var trigger = stage.controlPlane().triggers().get(0);
        String name = trigger.path("name").asText();
        assertThat(name).matches("after-rollout-[0-9a-f]{8}");
        assertThat(trigger.at("/resourceSelector/namespace").asText()).isEqualTo("shop-1");
        assertThat(trigger.at("/resourceSelector/labelSelector/matchLabels/app").asText())
                .isEqualTo("web");
        assertThat(trigger.at("/listener/match/name/0").asText()).isEqualTo("jk-shop-1");
        assertThat(trigger.at("/actionParameters/target/match/name/0").asText()).isEqualTo("{{ .Agent.Name }}");
        assertThat(trigger.at("/actionParameters/config/word").asText()).isEqualTo("a");
        assertThat(trigger.at("/actionParameters/tags/ephemeral-environment").asText())
                .isEqualTo("shop-1");
        var obligations = stage.record(environment).obligations;
        assertThat(obligations).hasSize(1);
        assertThat(owed.undo(stage.record(environment), obligations.get(0), stage.console::add)
                        .isDone())
                .isTrue();
        assertThat(owed.undo(stage.record(environment), obligations.get(0), stage.console::add)
                        .isDone())
                .isTrue();
        assertThat(stage.controlPlane().triggers()).isEmpty();
        assertThat(stage.controlPlane().workflowNames()).containsExactly("smoke");

        apply(environment, true, "testkube", TRIGGER, SMOKE);
        apply(environment, true, "testkube", SMOKE);
        assertThat(stage.controlPlane().triggers()).as("pruned").isEmpty();
        assertThat(stage.record(environment).obligations).isEmpty();
    }

    @Test
    public void triggersOfOtherNamespacesAreRefused() {
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> apply(
                        environment,
                        true,
                        "testkube",
                        TRIGGER.replace("{labelSelector", "{namespace: prod, labelSelector")))
                .hasMessage("reading manifests (testkube/0.yaml:6): TestTrigger/after-rollout listens to the namespace"
                        + " prod, and this environment's is shop-1. Leave resourceSelector.namespace out.");
        assertThatThrownBy(() -> apply(
                        environment,
                        true,
                        "testkube",
                        TRIGGER.replace("{labelSelector", "{namespaceRegex: .*, labelSelector")))
                .hasMessageContaining("TestTrigger/after-rollout listens to other namespaces");
    }

    @Test
    public void inANamespaceATriggerIsRewrittenToo() throws Throwable {
        installDefinitions();
        await().until(() -> TestkubeDefinitions.isEstablished(stage.admin(), "testtriggers.tests.testkube.io"));
        NamespaceRef environment = stage.environment("shop-1");

        apply(environment, true, null, TRIGGER, SMOKE);

        var spec = stage.admin()
                .genericKubernetesResources("tests.testkube.io/v1", "TestTrigger")
                .inNamespace("shop-1")
                .withName("after-rollout")
                .get()
                .getAdditionalProperties()
                .get("spec");
        assertThat(spec.toString()).contains("namespace=shop-1", "ephemeral-environment=shop-1");
    }

    @Test
    public void anotherBranchWritesOnlyWhatItChangesUnderNamesOfItsOwn() throws Throwable {
        String base = BASE.replace("spec: {}", "spec: {container: {workingDir: /data}}");
        String uses =
                HEAD + "TestWorkflow\nmetadata: {name: uses}\nspec: {use: [{name: base}], steps: [{shell: \"true\"}],"
                        + " events: [{cronjob: {cron: '@daily'}}]}\n";
        NamespaceRef main = stage.environment("shop-main");
        apply(main, true, "testkube", SMOKE, base, uses);
        NamespaceRef pr = stage.environment("shop-41");
        spec.variants = true;

        ApplyResult same = apply(pr, true, "testkube", SMOKE, base, uses);
        assertThat(same.variants).isEmpty();
        assertThat(stage.controlPlane().workflowNames()).containsExactly("smoke", "uses");

        ApplyResult other = apply(pr, true, "testkube", SMOKE, base.replace("/data", "/other"), uses, TRIGGER);
        assertThat(other.variants).containsOnlyKeys("uses");
        assertThat(other.workflows).containsExactly("smoke", "uses");
        String variant = other.variants.get("uses");
        assertThat(variant).matches("uses-[0-9a-f]{8}");
        assertThat(stage.controlPlane().workflowNames()).containsExactlyInAnyOrder("smoke", "uses", variant);
        assertThat(stage.controlPlane().templateNames()).hasSize(2).contains("base");
        assertThat(stage.controlPlane().exchanges())
                .filteredOn(exchange -> exchange.requestText().contains("\"name\":\"" + variant))
                .isNotEmpty()
                .allMatch(exchange -> exchange.requestText().contains("\"use\":[{\"name\":\"base-")
                        && !exchange.requestText().contains("cronjob"));
        assertThat(stage.console)
                .contains("TestWorkflow/uses differs from the one that all builds share, and is " + variant
                        + " in this environment.");
        assertThat(stage.record(pr).obligations).hasSize(3);
    }

    @Test
    public void testkubesDefinitionsAreInstalledOnceWhereAnAdministratorAllowsIt() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        String[] files = TestkubeDefinitions.load().stream()
                .map(io.fabric8.kubernetes.client.utils.Serialization::asYaml)
                .toArray(String[]::new);
        assertThatThrownBy(() -> apply(environment, true, null, files))
                .hasMessageContaining("CustomResourceDefinition belongs to the whole cluster");
        allowed.add("CustomResourceDefinition");
        assertThatThrownBy(() -> apply(
                        environment,
                        true,
                        null,
                        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                                + "metadata: {name: a.example.org}\nspec: {}\n"))
                .hasMessageContaining("of CustomResourceDefinitions only Testkube's are installed, not a.example.org");

        List<String> all = new java.util.ArrayList<>(List.of(files));
        all.add(SMOKE);
        ApplyResult result = apply(environment, true, null, all.toArray(String[]::new));

        assertThat(result.applied).containsExactly("TestWorkflow/smoke");
        assertThat(workflowsOf(environment)).containsExactly("smoke");
        int console = stage.console.size();
        apply(environment, true, null, all.toArray(String[]::new));
        assertThat(stage.console.subList(console, stage.console.size())).noneMatch(line -> line.contains("Installed"));
        assertThat(new Inventory(stage.controller().clusters().cluster("dev"), environment).read())
                .containsExactly("TestWorkflow/smoke");
    }

    private void nothingWasWritten(NamespaceRef environment) {
        assertThat(stage.admin()
                        .configMaps()
                        .inNamespace(environment.namespace())
                        .withName(Inventory.NAME)
                        .get())
                .isNull();
    }

    @Test
    public void definitionsThatServeOnlyAnotherVersionAreAsGoodAsNone() {
        for (GenericKubernetesResource definition : TestkubeDefinitions.load()) {
            String other = io.fabric8.kubernetes.client.utils.Serialization.asYaml(definition)
                    .replaceAll("(?m)^(  - |    )name: \"?v1\"?$", "$1name: v2");
            stage.admin()
                    .resource(io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                            other, GenericKubernetesResource.class))
                    .create();
        }
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> apply(environment, true, null, SMOKE))
                .isInstanceOf(UserFault.class)
                .hasMessageStartingWith(
                        "applying manifests (dev/shop-1): the cluster does not know Testkube's resources");
        nothingWasWritten(environment);
    }

    @Test
    public void definitionsThatAreBeingDeletedAreSaidBeforeTheFirstWrite() {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        // what a server says meanwhile: create not allowed while custom resource definition is terminating
        stage.kube().faults().on("PATCH", ".*/testworkflows/.*").status(405);

        assertThatThrownBy(() -> apply(environment, true, null, SMOKE))
                .isInstanceOf(UserFault.class)
                .hasMessageStartingWith("checking TestWorkflow (dev/shop-1/smoke, from testkube/0.yaml:1): ");
        nothingWasWritten(environment);
    }

    @Test
    public void aConversionWebhookThatIsDownIsWaitedForBeforeTheFirstWrite() throws Throwable {
        installDefinitions();
        NamespaceRef environment = stage.environment("shop-1");
        var down = stage.kube()
                .faults()
                .on("PATCH", ".*/testworkflows/.*")
                .times(2)
                .status(500);
        CompletableFuture<ApplyResult> end = stage.controller().begin(application(environment, true, null, SMOKE));
        await().until(() -> down.hits() == 1);
        nothingWasWritten(environment);

        assertThat(end.get().applied).containsExactly("TestWorkflow/smoke");
        assertThat(down.hits()).isEqualTo(2);
    }
}
