package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.jenkins.plugins.ephemeral.agent.TestkubeStage;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import io.jenkins.plugins.ephemeral.bench.testkube.ServerFault;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.TestkubeDefinitions;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
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

    private ResourceApplier applier;

    private Reconciler<ApplyResult> application(
            NamespaceRef environment, boolean prune, String controlPlane, String... texts) {
        if (applier == null) {
            TestkubeStage.Controller controller = stage.controller();
            applier = new ResourceApplier(controller.clusters(), controller.clients(), "ctl-1");
        }
        List<ManifestSource> sources = java.util.stream.IntStream.range(0, texts.length)
                .mapToObj(i -> new ManifestSource("testkube/" + i + ".yaml", texts[i]))
                .toList();
        return applier.apply(environment, sources, Map.of("word", "hello"), prune, controlPlane, stage.console::add);
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
                .hasMessageContaining("applying TestWorkflow (dev/shop-1/smoke, from testkube/1.yaml:1): ");
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
}
