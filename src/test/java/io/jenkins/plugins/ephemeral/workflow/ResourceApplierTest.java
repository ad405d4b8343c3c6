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
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.engine.OwedDefinitions;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;
import org.junit.rules.TemporaryFolder;

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

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private ResourceApplier applier;
    private ReportStore report;
    private OwedDefinitions owed;

    private Reconciler<ApplyResult> application(
            NamespaceRef environment, boolean prune, String controlPlane, String... texts) {
        if (applier == null) {
            report = ReportFile.in(folder.getRoot().toPath());
            TestkubeStage.Controller controller = stage.controller();
            owed = new OwedDefinitions("ctl-1", controller.environments(), controller.clients());
            applier = new ResourceApplier(controller.clusters(), controller.clients(), "ctl-1", () -> allowed, owed);
        }
        List<ManifestSource> sources = java.util.stream.IntStream.range(0, texts.length)
                .mapToObj(i -> new ManifestSource("testkube/" + i + ".yaml", texts[i]))
                .toList();
        spec.parameters.put("word", "hello");
        spec.prune = prune;
        spec.controlPlane = controlPlane;
        return applier.apply(environment, sources, spec, stage.console::add, report);
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
        assertThat(trigger.at("/actionParameters/tags/jenkins-controller").asText())
                .isEqualTo("ctl-1");
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

    private Map<String, String> labels(TestkubeResourceKind kind, String name) throws Exception {
        return stage.controller()
                .clients()
                .client("")
                .resource(kind, name)
                .orElseThrow()
                .labels();
    }

    private void written(String name, Map<String, String> labels, Map<String, String> annotations) throws Exception {
        Map<String, Object> meta = Map.of("name", name, "labels", labels, "annotations", annotations);
        stage.controller()
                .clients()
                .client("")
                .upsert(
                        TestkubeResourceKind.WORKFLOW,
                        name,
                        io.fabric8.kubernetes.client.utils.Serialization.asJson(Map.of(
                                "apiVersion",
                                "testworkflows.testkube.io/v1",
                                "kind",
                                "TestWorkflow",
                                "metadata",
                                meta,
                                "spec",
                                Map.of())));
    }

    @Test
    public void environmentsOfOneNameInTwoControllersHaveTheirOwnTriggersAndVariants() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        spec.variants = true;
        apply(environment, true, "testkube", TRIGGER, SMOKE);
        String own = stage.controlPlane().triggers().get(0).path("name").asText();
        assertThat(labels(TestkubeResourceKind.TRIGGER, own))
                .containsEntry("jenkins.io/controller", "ctl-1")
                .containsEntry("jenkins.io/ephemeral-environment", "shop-1");

        TestkubeStage.Controller other = stage.other("ctl-2");
        var recordsOfTheOther = new java.util.ArrayList<String>();
        Owed owedThere = new Owed() {
            @Override
            public void owe(NamespaceRef in, String controlPlane, TestkubeResourceKind kind, String name) {
                recordsOfTheOther.add(name);
            }

            @Override
            public boolean isOwed(NamespaceRef in, String controlPlane, TestkubeResourceKind kind, String name) {
                return recordsOfTheOther.contains(name);
            }

            @Override
            public void settle(NamespaceRef in, String controlPlane, TestkubeResourceKind kind, String name) {
                recordsOfTheOther.remove(name);
            }
        };
        other.finish(new ResourceApplier(other.clusters(), other.clients(), "ctl-2", () -> allowed, owedThere)
                .apply(
                        environment,
                        List.of(new ManifestSource("a.yaml", TRIGGER), new ManifestSource("b.yaml", SMOKE)),
                        spec,
                        stage.console::add,
                        report));

        assertThat(stage.controlPlane().triggers()).hasSize(2);
        assertThat(stage.controlPlane().workflowNames()).hasSize(2);
        assertThat(recordsOfTheOther).hasSize(2).doesNotContain(own);
        for (var obligation : List.copyOf(stage.record(environment).obligations)) {
            owed.undo(stage.record(environment), obligation, stage.console::add);
        }
        assertThat(stage.controlPlane().triggers()).hasSize(1);
        assertThat(stage.controlPlane().workflowNames()).hasSize(1).allMatch(recordsOfTheOther::contains);
    }

    @Test
    public void aNameOfAnEarlierVersionIsKeptUntilItsEnvironmentEnds() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        application(environment, true, "testkube", SMOKE);
        String before = "after-rollout-"
                + java.util.HexFormat.of()
                        .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                                .digest("shop-1".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                        .substring(0, 8);
        owed.owe(environment, "testkube", TestkubeResourceKind.TRIGGER, before);

        apply(environment, true, "testkube", TRIGGER, SMOKE);

        assertThat(stage.controlPlane().triggers())
                .extracting(trigger -> trigger.path("name").asText())
                .containsExactly(before);
        assertThat(stage.record(environment).obligations).hasSize(1);
    }

    @Test
    public void whatEarlierVersionsGaveTwoEnvironmentsIsLeftToTheOther() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        application(environment, true, "testkube", SMOKE);
        written("smoke-0badf00d", Map.of("jenkins.io/controller", "ctl-2"), Map.of());
        owed.owe(environment, "testkube", TestkubeResourceKind.WORKFLOW, "smoke-0badf00d");

        owed.undo(
                stage.record(environment), stage.record(environment).obligations.get(0), stage.console::add);

        assertThat(stage.controlPlane().workflowNames()).containsExactly("smoke-0badf00d");
    }

    @Test
    public void namesOfTheEnvironmentsOwnStayShortAndApart() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        String one = "a".repeat(70) + "1";
        String two = "a".repeat(70) + "2";
        apply(
                environment,
                true,
                "testkube",
                TRIGGER.replace("after-rollout", one),
                TRIGGER.replace("after-rollout", two),
                SMOKE);

        assertThat(stage.controlPlane().triggers())
                .extracting(trigger -> trigger.path("name").asText())
                .doesNotHaveDuplicates()
                .hasSize(2)
                .allMatch(name -> name.length() <= 63);
    }

    @Test
    public void whatIsNotTheJobsOwnIsNotWrittenOver() throws Throwable {
        NamespaceRef main = stage.environment("shop-main");
        spec.job = "shop/web/main";
        spec.mainOf = "shop/web";
        apply(main, true, "testkube", SMOKE);
        assertThat(labels(TestkubeResourceKind.WORKFLOW, "smoke")).containsEntry("jenkins.io/controller", "ctl-1");

        NamespaceRef pr = stage.environment("shop-41");
        spec.job = "shop/web/PR-41";
        spec.mainOf = null;
        apply(pr, true, "testkube", SMOKE);
        stage.controlPlane().forgetExchanges();
        apply(pr, true, "testkube", SMOKE);
        assertThat(stage.controlPlane().count("PUT", "smoke"))
                .as("it says the same")
                .isZero();
        assertThatThrownBy(() -> apply(pr, true, "testkube", SMOKE.replace("echo", "printf")))
                .isInstanceOf(UserFault.class)
                .hasMessage(
                        "writing workflow smoke (control plane testkube, from testkube/0.yaml:1): one of that name is"
                                + " there, which says something else and belongs to job shop/web/main. Use definitions: 'main',"
                                + " which gives one that differs a name of this environment's own; or rename yours.");
        spec.variants = true;
        assertThat(apply(pr, true, "testkube", SMOKE.replace("echo", "printf")).variants)
                .containsOnlyKeys("smoke");
        spec.variants = false;

        String fresh = SMOKE.replace("name: smoke", "name: fresh");
        apply(pr, true, "testkube", fresh);
        spec.job = "shop/web/main";
        spec.mainOf = "shop/web";
        apply(main, false, "testkube", fresh.replace("echo", "true"));
        assertThat(stage.controller()
                        .clients()
                        .client("")
                        .resource(TestkubeResourceKind.WORKFLOW, "fresh")
                        .orElseThrow()
                        .annotations())
                .as("the main branch takes over")
                .containsEntry("jenkins.io/definition-job", "shop/web/main");
    }

    @Test
    public void whoseADefinitionIsIsSaid() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        spec.job = "bank/main";
        spec.mainOf = "bank";
        written("smoke", Map.of(), Map.of());
        assertThatThrownBy(() -> apply(environment, true, "testkube", SMOKE))
                .hasMessageContaining("belongs to somebody who is no build of Jenkins: it has no label"
                        + " jenkins.io/controller. Rename yours, or delete that one there.");
        written(
                "smoke",
                Map.of("jenkins.io/controller", "ctl-2"),
                Map.of("jenkins.io/definition-job", "shop/web/main"));
        assertThatThrownBy(() -> apply(environment, true, "testkube", SMOKE))
                .hasMessageContaining("belongs to another Jenkins controller, ctl-2 (job shop/web/main).");
        written("smoke", Map.of("jenkins.io/ephemeral-environment", "shop-9"), Map.of());
        assertThatThrownBy(() -> apply(environment, true, "testkube", SMOKE))
                .hasMessageContaining("belongs to environment shop-9.");

        written("smoke", Map.of(), Map.of("jenkins.io/definition-hash", "of a version that named no owner"));
        apply(environment, true, "testkube", SMOKE);
        assertThat(labels(TestkubeResourceKind.WORKFLOW, "smoke")).containsEntry("jenkins.io/controller", "ctl-1");
    }

    @Test
    public void runsThatWereThereBeforeAreWrittenDownBeforeTheFirstWrite() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        apply(environment, true, "testkube", SMOKE);
        EnvironmentEntry entry = Merging.environment(report.read(), "shop-1");
        assertThat(entry.applied).isTrue();
        assertThat(entry.appliedTriggers).isFalse();
        assertThat(entry.runsBefore).isNull();
        stage.controller()
                .clients()
                .client("")
                .start("smoke", new ExecutionRequest(null, Map.of(), Map.of(RunTags.ENVIRONMENT, "shop-1")));

        apply(environment, true, "testkube", SMOKE);
        assertThat(Merging.environment(report.read(), "shop-1").runsBefore).isNull();
        apply(environment, true, "testkube", SMOKE, TRIGGER);
        java.time.Instant before = Merging.environment(report.read(), "shop-1").runsBefore;
        assertThat(before)
                .as("by the control plane's clock")
                .isEqualTo(stage.controlPlane()
                        .executions()
                        .get(0)
                        .at("/scheduledAt")
                        .asText()
                        .transform(java.time.Instant::parse));
        stage.controller()
                .clients()
                .client("")
                .start("smoke", new ExecutionRequest(null, Map.of(), Map.of(RunTags.ENVIRONMENT, "shop-1")));
        apply(environment, true, "testkube", SMOKE, TRIGGER);
        assertThat(Merging.environment(report.read(), "shop-1").runsBefore)
                .as("these came after the triggers")
                .isEqualTo(before);
    }
}
