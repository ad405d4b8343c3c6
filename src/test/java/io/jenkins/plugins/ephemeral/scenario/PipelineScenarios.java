package io.jenkins.plugins.ephemeral.scenario;

import static io.jenkins.plugins.ephemeral.scenario.ScenarioRig.assertResult;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import hudson.ExtensionList;
import hudson.model.Result;
import hudson.model.listeners.ItemListener;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.Faults;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.config.EphemeralConfiguration;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Assume;
import org.junit.Rule;
import org.junit.Test;

/**
 * Jenkinsfiles against the real steps, the engine and a cluster, from the first line to an empty cluster. The same
 * scenarios run on the embedded cluster and, by the subclass, on a real one.
 */
public abstract class PipelineScenarios {
    @Rule
    public final ScenarioRig rig;

    PipelineScenarios(String kubeconfig) {
        rig = new ScenarioRig(kubeconfig);
    }

    private static String in(String body) {
        return "ephemeralEnvironment(namePrefix: 't') {\n" + body + "\n}";
    }

    private static String job(String name, String script) {
        return "ephemeralJob(name: '" + name + "', image: 'busybox:1.35', command: ['sh', '-c', '''" + script + "'''])";
    }

    @Test
    public void theExampleRunsAndReports() throws Exception {
        PipelineRun run = rig.start(ScenarioRig.example());

        assertResult(run, Result.UNSTABLE);
        Report report = rig.report(run);
        assertThat(report.stages)
                .extracting(stage -> stage.name + " " + stage.outcome)
                .containsExactly("plan CHANGES", "apply SUCCEEDED");
        assertThat(report.workflows)
                .extracting(workflow -> workflow.name + " " + workflow.verdict)
                .containsExactly("http-smoke PASSED", "api-junit FAILED");
        WorkflowEntry.Suite suite =
                report.workflows.get(1).executions.get(0).suites.get(0);
        assertThat(suite.tests).isEqualTo(14);
        assertThat(suite.failed).isEqualTo(1);
        assertThat(suite.skipped).isEqualTo(1);
        assertThat(report.environments.get(0).agents).hasSize(1);
        assertThat(report.environments.get(0).resources).contains("TestWorkflow/http-smoke", "TestWorkflow/api-junit");
        assertThat(report.stages.get(0).logTail).contains("Plan: 3 to add");
        assertThat(run.console()).contains("[plan] Plan: 3 to add", "[api-junit › API tests]");
        assertThat(run.console()).doesNotContain("tkcapi_", "tkckey_");
        Path folder = run.build().getRootDir().toPath().resolve("ephemeral-environments");
        await().until(() -> Files.exists(folder.resolve("junit.xml")));
        await().until(() -> !rig.stage().reports().isEmpty());
        assertThat(rig.stage().reports().get(rig.stage().reports().size() - 1))
                .contains("\"jobFullName\":\"shop\"", "http-smoke");
        rig.assertNothingIsLeft();
        await().untilAsserted(() ->
                assertThat(rig.report(run).environments.get(0).state).isEqualTo("GONE"));
    }

    @Test
    public void buildsOfABranchUseOneEnvironmentInTurn() throws Exception {
        String program = "ephemeralEnvironment(lifetime: 'branch', ttl: '1h', maxAge: '1d') {\n"
                + "echo \"in ${env.EPHEMERAL_NAMESPACE}\"\nWORK\n}";
        PipelineRun first = rig.start(program.replace("WORK", "sleep 600"));
        first.waitForMessage("in shop-");
        PipelineRun second = rig.start(program.replace("WORK", "echo 'second'"));
        second.waitForMessage("held by shop#1; waiting at position 1 of 1");
        PipelineRun third = rig.start(program.replace("WORK", "echo 'third'"));
        third.waitForMessage("waiting at position 2 of 2").abort();
        assertResult(third, Result.ABORTED);
        first.abort();
        assertResult(first, Result.ABORTED);
        assertResult(second, Result.SUCCESS);

        assertThat(rig.left()).hasSize(1);
        assertThat(second.console()).contains("in " + rig.left().get(0), "left for the next build");
        assertThat(rig.report(second).environments.get(0).reason).isEqualTo("Left for the next build of the branch.");
        rig.endBranchEnvironments();
        rig.assertNothingIsLeft();
    }

    @Test
    public void aDeletedJobTakesItsEnvironmentAlong() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(lifetime: 'branch') { echo 'used' }");
        assertResult(run, Result.SUCCESS);
        assertThat(rig.left()).hasSize(1);
        ItemListener.fireOnDeleted(run.build().getParent());
        rig.assertNothingIsLeft();
    }

    @Test
    public void pressingStopThreeTimesIsOneEnd() throws Exception {
        PipelineRun run = rig.start(in("echo 'in the body'; sleep 600"));
        run.waitForMessage("in the body");
        for (int i = 0; i < 3; i++) {
            run.abort();
        }
        assertResult(run, Result.ABORTED);
        rig.assertNothingIsLeft();
        assertThat(run.console().split("deletion of its namespace requested", -1))
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    public void aBuildAbortsOlderOnesOfItsBranch() throws Exception {
        String program = "ephemeralEnvironment(lifetime: 'branch', concurrency: 'abortOlder') { WORK }";
        PipelineRun first = rig.start(program.replace("WORK", "echo 'first'; sleep 600"));
        first.waitForMessage("first");
        PipelineRun second = rig.start(program.replace("WORK", "echo 'second'"));
        assertResult(second, Result.SUCCESS);
        assertResult(first, Result.ABORTED);
        assertThat(second.console()).contains("Aborting the older build shop#1");
        rig.endBranchEnvironments();
        rig.assertNothingIsLeft();
    }

    @Test
    public void aFailedStageFailsTheBuildAndIsExplained() throws Exception {
        PipelineRun run = rig.start(in(job("broken", "echo before; exit 3")));

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("[broken] before", "Stage broken ended as FAILED (exit code 3)");
        StageEntry stage = rig.report(run).stages.get(0);
        assertThat(stage.exitCode).isEqualTo(3);
        assertThat(stage.verdict).isEqualTo(Verdict.FAILED);
        rig.assertNothingIsLeft();
    }

    @Test
    public void anImageThatCannotBePulledSaysSo() throws Exception {
        PipelineRun run = rig.start(in("ephemeralJob(name: 'x', image: 'registry.invalid/does-not-exist:1',"
                + " startupTimeout: '8s', command: ['true'])"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("Stage x ended as IMAGE_PULL", "registry.invalid/does-not-exist:1");
        rig.assertNothingIsLeft();
    }

    @Test
    public void anEmptyPlanSkipsItsApply() throws Exception {
        PipelineRun run =
                rig.start(in("ephemeralJob(name: 'plan', type: 'plan', image: 'busybox:1.35', command: ['true'])\n"
                        + "def r = ephemeralJob(name: 'apply', type: 'apply', after: 'plan', image: 'busybox:1.35',"
                        + " command: ['false'])\n"
                        + "echo \"apply: ${r.outcome}, plan: ${env.EPHEMERAL_PLAN_OUTCOME}\""));

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("apply: SKIPPED, plan: NO_CHANGES");
        rig.assertNothingIsLeft();
    }

    @Test
    public void anIsolatedEnvironmentOfTheStrictestLevel() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(podSecurity: 'restricted', networkPolicy: 'isolated',"
                + " egress: ['10.0.0.0/8:5432'], urls: [web: 'https://{namespace}.example.org'],"
                + " labels: ['app.kubernetes.io/part-of': 'shop']) {\n"
                + "ephemeralAgent()\n" + job("first", "echo done") + "\necho \"see ${env.EPHEMERAL_WEB_URL}\"\n}");

        assertResult(run, Result.SUCCESS);
        String url = "https://" + rig.report(run).environments.get(0).namespace + ".example.org";
        assertThat(run.console()).contains("[first] done", "see " + url);
        assertThat(rig.report(run).environments.get(0).urls).containsEntry("web", url);
        rig.assertNothingIsLeft();
    }

    @Test
    public void aDryRunReturnsThePlanAndRunsNothing() throws Exception {
        PipelineRun run = rig.start("def plan = ephemeralEnvironment(namePrefix: 't', dryRun: true, quota: [pods: 3]) {"
                + " echo 'body began' }\n"
                + "echo \"would make ${plan.objects.size()} objects in ${plan.namespace}\"");

        assertResult(run, Result.SUCCESS);
        String name = rig.report(run).environments.get(0).name;
        assertThat(run.console())
                .contains("kind: \"ResourceQuota\"", "would make 6 objects in " + name)
                .doesNotContain("body began", "requested in cluster");
        assertThat(rig.report(run).environments.get(0).state).isEqualTo("PLANNED");
        assertThat(rig.report(run).environments.get(0).plan).contains("pods: \"3\"");
        assertThat(rig.left()).isEmpty();
    }

    @Test
    public void secretsComeFromCredentialsAndFromOpenNamespaces() throws Exception {
        ExtensionList.lookup(CredentialsProvider.class).add(new FolderCredentials());
        EphemeralConfiguration.get().setSecretNamespaces("kube-public, t-shared*");
        String shared = "t-shared-" + Long.toHexString(System.nanoTime());
        rig.stage().client().namespaces().resource(namespace(shared)).create();
        rig.stage()
                .client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("database")
                        .withNamespace(shared)
                        .endMetadata()
                        .addToStringData("password", FolderCredentials.VALUE)
                        .build())
                .create();
        try {
            PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't', secrets: [kubernetesSecret(name:"
                    + " 'database', from: '" + shared + "'), credential(id: 'Registry_1', as: 'dockerconfigjson',"
                    + " registry: 'registry.example.com'), credential(id: 'Registry_1', as: 'opaque', name: 'login')]) {\n"
                    + "echo 'body began'\nsleep(time: 60, unit: 'SECONDS')\n}");
            run.waitForMessage("body began");

            String name = rig.report(run).environments.get(0).namespace;
            var secrets = rig.stage().client().secrets().inNamespace(name);
            assertThat(decoded(secrets.withName("database").get(), "password")).isEqualTo(FolderCredentials.VALUE);
            assertThat(decoded(secrets.withName("login").get(), "username")).isEqualTo("me");
            assertThat(decoded(secrets.withName("registry-1").get(), ".dockerconfigjson"))
                    .contains("registry.example.com", FolderCredentials.VALUE);
            assertThat(rig.stage()
                            .client()
                            .serviceAccounts()
                            .inNamespace(name)
                            .withName("ephemeral")
                            .get()
                            .getImagePullSecrets())
                    .extracting("name")
                    .containsExactly("registry-1");
            assertThat(rig.filesThatHold(FolderCredentials.VALUE)).isEmpty();
            assertThat(run.console()).doesNotContain(FolderCredentials.VALUE);
            run.abort();
            assertResult(run, Result.ABORTED);
        } finally {
            rig.stage().client().namespaces().withName(shared).delete();
        }
        rig.assertNothingIsLeft();
    }

    @Test
    public void aSecretOfANamespaceThatIsNotOpenIsRefused() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(secrets: [kubernetesSecret(name: 'a', from: 'kube-system')])"
                + " { echo 'body began' }");

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("Secrets may not be copied from namespace kube-system")
                .doesNotContain("body began");
        rig.assertNothingIsLeft();
    }

    private static io.fabric8.kubernetes.api.model.Namespace namespace(String name) {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build();
    }

    private static String decoded(Secret secret, String key) {
        return new String(Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
    }

    @Test
    public void aKubeconfigOfTheEnvironmentIsGoodForItAlone() throws Exception {
        installRoles();
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't', kubeconfig: true) {\nnode {\n"
                + "withEphemeralKubeconfig {\nsh 'cat \"$KUBECONFIG\"; stat -c %a \"$KUBECONFIG\"'\n"
                + "sleep(time: 5, unit: 'SECONDS')\n}\nsh 'echo after: $KUBECONFIG; ls ../shop@tmp'\n}\n}");
        run.waitForMessage("current-context");
        Path file = kubeconfigs().get(0);
        String text = Files.readString(file);
        String namespace = rig.report(run).environments.get(0).namespace;
        try (KubernetesClient user = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(text))
                .build()) {
            await().ignoreExceptions().untilAsserted(() -> assertThat(
                            user.pods().inNamespace(namespace).list().getItems())
                    .isEmpty());
            assertThatThrownBy(() -> user.namespaces().list()).hasMessageContaining("forbidden");
            assertThatThrownBy(() -> user.pods().inNamespace("kube-system").list())
                    .hasMessageContaining("forbidden");
        }
        run.waitForMessage("[Pipeline] sleep").kill().resume();

        assertResult(run, Result.SUCCESS);
        String token = Config.fromKubeconfig(text).getAutoOAuthToken();
        assertThat(token).startsWith("eyJ");
        assertThat(run.console()).contains("token: \"****\"", "600", "after:").doesNotContain(token);
        assertThat(rig.filesThatHold(token)).isEmpty();
        assertThat(kubeconfigs()).isEmpty();
        rig.assertNothingIsLeft();
    }

    @Test
    public void aKubeconfigIsGivenOnlyWhereItWasAskedFor() throws Exception {
        PipelineRun run = rig.start(in("node { withEphemeralKubeconfig { echo 'body began' } }"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("withEphemeralKubeconfig needs ephemeralEnvironment(kubeconfig: true)")
                .doesNotContain("body began");
        rig.assertNothingIsLeft();
    }

    @Test
    public void abortedTheKubeconfigIsRemoved() throws Exception {
        installRoles();
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't', kubeconfig: true) { node {"
                + " withEphemeralKubeconfig { echo 'body began'\nsleep(time: 600, unit: 'SECONDS') } } }");
        run.waitForMessage("body began");
        assertThat(kubeconfigs()).hasSize(1);
        run.abort();

        assertResult(run, Result.ABORTED);
        assertThat(kubeconfigs()).isEmpty();
        rig.assertNothingIsLeft();
    }

    @Test
    public void stoppedWhileTheTokenComesNeitherBodyNorFileBegins() throws Exception {
        Assume.assumeNotNull(rig.stage().embedded());
        installRoles();
        Faults.Fault slow = rig.stage()
                .embedded()
                .faults()
                .on("POST", ".*/serviceaccounts/.*/token")
                .delay(Duration.ofMillis(1_500));
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't', kubeconfig: true) { node {"
                + " try { withEphemeralKubeconfig { echo 'body' + ' began' } } finally { sh 'find ../shop@tmp' } } }");
        run.waitForMessage("[Pipeline] withEphemeralKubeconfig");
        await().until(() -> slow.hits() > 0);
        run.abort();

        assertResult(run, Result.ABORTED);
        assertThat(run.console()).doesNotContain("body began").doesNotContain("ephemeral-kubeconfig");
        assertThat(kubeconfigs()).isEmpty();
        rig.assertNothingIsLeft();
    }

    @Test
    public void aStageStoppedWhileItsJobIsBeingCreatedLeavesNoJob() throws Exception {
        Assume.assumeNotNull(rig.stage().embedded());
        Faults.Fault slow =
                rig.stage().embedded().faults().on("POST", ".*/jobs").delay(Duration.ofMillis(1_500));
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't') { try { ephemeralJob(name: 'long',"
                + " image: 'busybox:1.35', command: ['sleep', '60']) } finally { echo 'taken' + ' back'\n"
                + "sleep(time: 4, unit: 'SECONDS') } }");
        run.waitForMessage("[Pipeline] ephemeralJob");
        await().until(() -> slow.hits() > 0);
        run.abort();
        run.waitForMessage("taken back");
        String namespace = rig.report(run).environments.get(0).namespace;
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(4))
                .until(() -> rig.stage().client().batch().v1().jobs().inNamespace(namespace).list().getItems().stream()
                        .allMatch(job -> job.getMetadata().getDeletionTimestamp() != null));
        assertResult(run, Result.ABORTED);
        rig.assertNothingIsLeft();
    }

    /** The fixed roles, for those that only exist to be bound. */
    private void installRoles() throws Exception {
        try (InputStream manifests = Files.newInputStream(Path.of("deploy/rbac.yaml"))) {
            for (HasMetadata role : rig.stage().client().load(manifests).items()) {
                rig.stage()
                        .client()
                        .resource(role)
                        .fieldManager("deploy")
                        .forceConflicts()
                        .serverSideApply();
            }
        }
    }

    private List<Path> kubeconfigs() throws IOException {
        Path temporary = rig.stage().bench().jenkins().getRootDir().toPath().resolve("workspace/shop@tmp");
        if (!Files.isDirectory(temporary)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(temporary)) {
            return files.filter(file -> file.endsWith("config")).collect(Collectors.toList());
        }
    }

    @Test
    public void aReservedLabelIsRefusedBeforeAnythingIsMade() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(labels: ['pod-security.kubernetes.io/enforce': 'privileged'])"
                + " { echo 'body' }");

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("parameter labels", "The parameter podSecurity sets the level")
                .doesNotContain("requested in cluster");
        rig.assertNothingIsLeft();
    }

    @Test
    public void thePodOfAStageIsShapedByMapsAndListsAndHeldAgainstThePolicy() throws Exception {
        PipelineRun run = rig.start(in("ephemeralJob(name: 'shaped', image: 'busybox:1.35', command: ['sh', '-c',"
                + " 'echo $GREETING $(pwd)'], env: [GREETING: \"hello ${1 + 1}\"], resources: ['requests.cpu': '10m',"
                + " 'limits.memory': '64Mi'], tolerations: [[key: 'spot', operator: 'Exists']], volumes: [[emptyDir: '',"
                + " mountPath: '/scratch', readOnly: false]], labels: [team: 'shop'], ttlSecondsAfterFinished: 120,"
                + " podSecurityContext: [fsGroup: 1000])\n"
                + "ephemeralJob(name: 'other', image: 'busybox:1.35', serviceAccount: 'testkube-agent')"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("[shaped] hello 2 ", "service account 'testkube-agent' is not allowed here")
                .doesNotContain("[other] Job");
        rig.assertNothingIsLeft();
    }

    @Test
    public void abortInAStageTakesEverythingAway() throws Exception {
        PipelineRun run = rig.start(in(job("long", "echo running; sleep 600")));
        run.waitForMessage("[long] running").abort();

        assertResult(run, Result.ABORTED);
        assertThat(rig.report(run).stages.get(0).outcome).isEqualTo("ABORTED");
        rig.assertNothingIsLeft();
    }

    @Test
    public void abortWhileTheAgentIsComing() throws Exception {
        rig.stage().controlPlane().beginOutage(io.jenkins.plugins.ephemeral.bench.testkube.Outage.SERVER_ERROR);
        PipelineRun run = rig.start(in("ephemeralAgent()"));
        run.waitForMessage("[Pipeline] ephemeralAgent").abort();

        assertResult(run, Result.ABORTED);
        rig.stage().controlPlane().endOutage();
        rig.assertNothingIsLeft();
    }

    @Test
    public void abortInAWorkflowRunAbortsTheRun() throws Exception {
        PipelineRun run = rig.start(in("ephemeralAgent()\n"
                + "ephemeralApply manifests: '''" + SLOW + "'''\n"
                + "ephemeralWorkflow workflows: ['slow']"));
        run.waitForMessage("going slowly").abort();

        assertResult(run, Result.ABORTED);
        assertThat(rig.stage()
                        .controlPlane()
                        .executions()
                        .get(0)
                        .at("/result/status")
                        .asText())
                .isIn("aborted", "canceled");
        rig.assertNothingIsLeft();
    }

    @Test
    public void resumedInTheMiddleOfAStage() throws Exception {
        PipelineRun run = rig.start(in(job("long", "echo one; sleep 3; echo two; sleep 3; echo three")
                + "\necho \"outcome ${env.EPHEMERAL_LONG_OUTCOME}\""));
        run.waitForMessage("[long] one").kill().resume();

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("[long] two", "[long] three", "outcome SUCCEEDED");
        // a line whose print was not yet noted when the controller died may come twice, but none is lost
        assertThat(count(run.console(), "[long] two")).isEqualTo(1);
        assertThat(count(run.console(), "[long] Job ")).as(run.console()).isEqualTo(1);
        rig.assertNothingIsLeft();
    }

    @Test
    public void anOrderlyRestartPrintsNoLineTwice() throws Exception {
        PipelineRun run = rig.start(in(job("long", "for i in 1 2 3 4 5 6; do echo line $i; sleep 1; done")));
        run.waitForMessage("[long] line 3").restart();

        assertResult(run, Result.SUCCESS);
        for (int i = 1; i <= 6; i++) {
            assertThat(count(run.console(), "[long] line " + i))
                    .as(run.console())
                    .isEqualTo(1);
        }
        rig.assertNothingIsLeft();
    }

    @Test
    public void resumedInTheMiddleOfProvisioningAndOfTheBody() throws Exception {
        PipelineRun run = rig.start(in("echo 'body began'\nsleep(time: 4, unit: 'SECONDS')\necho 'body goes on'"));
        run.waitForMessage("requested in cluster").kill().resume();
        run.waitForMessage("[Pipeline] sleep");
        await().pollDelay(Duration.ofMillis(500)).until(() -> true); // the program is saved when the step has begun
        run.kill().resume();

        assertResult(run, Result.SUCCESS);
        assertThat(count(run.console(), "body began")).isEqualTo(1);
        assertThat(run.console()).contains("body goes on");
        rig.assertNothingIsLeft();
    }

    @Test
    public void resumedInTheMiddleOfAnAgentAndAWorkflowRun() throws Exception {
        PipelineRun run = rig.start(in("ephemeralAgent()\n"
                + "ephemeralApply manifests: '''" + SLOW + "'''\n"
                + "def r = ephemeralWorkflow(workflows: ['slow'], config: [seconds: 6])\n"
                + "echo \"passed ${r.passed} of ${r.total}\""));
        run.waitForMessage("created in control plane").kill().resume();
        run.waitForMessage("going slowly").kill().resume();

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("passed 1 of 1");
        assertThat(rig.stage().controlPlane().executions()).hasSize(1);
        rig.assertNothingIsLeft();
    }

    @Test
    public void anUnknownCloudIsNamedWithThoseThatExist() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(cloud: 'prod') { echo 'never' }");

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("there is no cluster of that name", "prod", "Configured are: dev");
        assertThat(run.console()).doesNotContain("never\n");
    }

    @Test
    public void anUnknownWorkflowIsNamedWithThoseThatExist() throws Exception {
        PipelineRun run = rig.start(in("ephemeralAgent()\nephemeralApply files: 'testkube/*.yaml'\n"
                + "catchError { ephemeralWorkflow workflows: ['http-smoke'], executionResource: true }\n"
                + "ephemeralWorkflow workflows: ['htpp-smoke']"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("executionResource: the agent of environment ")
                .contains(" (mode runner) does not execute TestWorkflowExecution resources: nothing would run");
        assertThat(run.console()).contains("there is no workflow htpp-smoke", "api-junit, http-smoke");
        rig.assertNothingIsLeft();
    }

    @Test
    public void aPatternWithoutAMatchSaysWhereItLooked() throws Exception {
        PipelineRun run = rig.start(in("ephemeralApply files: 'testcube/*.yaml'"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("nothing matches \"testcube/*.yaml\" in the build's SCM revision");
        rig.assertNothingIsLeft();
    }

    @Test
    public void manifestsThatLeaveTheNamespaceAreRefused() throws Exception {
        PipelineRun run =
                rig.start(in("catchError { ephemeralApply manifests: 'apiVersion: testworkflows.testkube.io/v1\\n"
                        + "kind: TestWorkflow\\nmetadata: {name: a, namespace: kube-system}\\nspec: {}' }\n"
                        + "catchError { ephemeralApply manifests: 'apiVersion: rbac.authorization.k8s.io/v1\\n"
                        + "kind: ClusterRole\\nmetadata: {name: a}' }\n"
                        + "ephemeralApply manifests: '''" + BOMB + "'''"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("kube-system", "ClusterRole", "manifests:3");
        assertThat(run.console().toLowerCase(java.util.Locale.ROOT)).contains("alias");
        rig.assertNothingIsLeft();
    }

    @Test
    public void aNamespaceThatIsNotOursIsLeftAlone() throws Exception {
        rig.stage()
                .client()
                .namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("somebody-elses")
                        .endMetadata()
                        .build())
                .create();
        try {
            PipelineRun run = rig.start("ephemeralEnvironment(name: 'somebody-elses') { echo 'never' }");

            assertResult(run, Result.FAILURE);
            assertThat(run.console()).contains("somebody-elses").doesNotContain("never\n");
            assertThat(rig.stage()
                            .client()
                            .namespaces()
                            .withName("somebody-elses")
                            .get()
                            .getStatus()
                            .getPhase())
                    .isEqualTo("Active");
        } finally {
            rig.stage().client().namespaces().withName("somebody-elses").delete();
        }
    }

    @Test
    public void aMisspeltParameterIsNamed() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(clout: 'dev') { }");

        // Jenkins itself only warns
        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("Unknown parameter(s) found", "EphemeralEnvironmentStep", "clout");
        rig.assertNothingIsLeft();
    }

    @Test
    public void aDurationWithoutAUnitIsRefused() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(ttl: '90') { }");

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("ttl: \"90\" is not a duration", "a number needs its unit");
    }

    @Test
    public void aStepOutsideOfAnEnvironmentSaysWhereItBelongs() throws Exception {
        PipelineRun run = rig.start("ephemeralAgent()");

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("ephemeralAgent needs an environment");
    }

    @Test
    public void twoEnvironmentsOfOneBuildInParallel() throws Exception {
        PipelineRun run = rig.start(
                "parallel a: { " + in(job("a", "echo in a")) + " }, b: { " + in(job("b", "echo in b")) + " }");

        assertResult(run, Result.SUCCESS);
        assertThat(rig.report(run).environments).hasSize(2);
        assertThat(run.console()).contains("[a] in a", "[b] in b");
        rig.assertNothingIsLeft();
    }

    @Test
    public void waitForDeletionEndsWhenTheNamespaceIsGone() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(waitForDeletion: true) { }\necho 'after'");

        assertResult(run, Result.SUCCESS);
        assertThat(rig.left()).isEmpty();
    }

    @Test
    public void keptOnFailureUntilItExpires() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(keepOnFailure: true, ttl: '1m') { error 'no' }");

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("kept after the failure");
        assertThat(rig.left()).as(run.console()).hasSize(1);
        await().atMost(Duration.ofSeconds(150)).until(() -> rig.left().isEmpty());
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    private static final String SLOW = "apiVersion: testworkflows.testkube.io/v1\n"
            + "kind: TestWorkflow\n"
            + "metadata: {name: slow}\n"
            + "spec:\n"
            + "  config:\n"
            + "    seconds: {type: integer, default: 300}\n"
            + "  steps:\n"
            + "  - name: Slowly\n"
            + "    shell: echo going slowly; sleep {{ config.seconds }}; echo done\n";

    /** Nine levels of nine aliases: 387 million nodes if it were expanded. */
    private static final String BOMB = bomb();

    private static String bomb() {
        StringBuilder text = new StringBuilder("apiVersion: testworkflows.testkube.io/v1\nkind: TestWorkflow\n"
                + "metadata: {name: a}\nspec:\n  l0: &l0 x\n");
        for (int level = 1; level <= 9; level++) {
            String alias = "*l" + (level - 1);
            text.append("  l" + level + ": &l" + level + " [" + (alias + " ,").repeat(8) + alias + " ]\n");
        }
        return text.toString();
    }
}
