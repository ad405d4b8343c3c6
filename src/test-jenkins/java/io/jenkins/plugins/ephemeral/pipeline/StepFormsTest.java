package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import groovy.lang.Closure;
import groovy.lang.GroovyShell;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sf.json.JSONObject;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.util.NameValuePair;
import org.jenkinsci.plugins.structs.describable.DescribableModel;
import org.jenkinsci.plugins.structs.describable.UninstantiatedDescribable;
import org.jenkinsci.plugins.workflow.cps.Snippetizer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepConfigTester;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.junit.ClassRule;
import org.junit.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Every step through its form and through the snippet generator: what goes in comes out, as Groovy that can be run. */
public class StepFormsTest {
    @ClassRule
    public static final JenkinsRule JENKINS = new JenkinsRule();

    @Test
    public void environment() throws Exception {
        EphemeralEnvironmentStep step = new EphemeralEnvironmentStep();
        step.setName("shop-1");
        step.setNamePrefix("shop");
        step.setTtl("30m");
        step.setKeepOnFailure(true);
        step.setWaitForDeletion(true);
        step.setQuota(map("pods", 20));
        step.setLimitRange(map("cpu", "250m"));
        step.setLabels(map("team", "shop"));
        step.setAnnotations(map("example.com/note", "a = b"));
        step.setServiceAccount("builder");
        step.setImagePullSecrets(list("registry"));
        step.setPodSecurity("restricted");
        step.setDryRun(true);
        step.setKubeconfig(true);
        step.setSecrets(
                java.util.List.of(new CopiedSecret("database", "ci-shared"), new CredentialSecret("pull", "tls")));
        step.setNetworkPolicy("isolated");
        step.setEgress(list("10.0.0.0/8:5432", "192.0.2.1/32:53/udp"));
        step.setUrls(map("web", "https://{namespace}.example.org"));
        step.setLifetime("branch");
        step.setConcurrency("abortOlder");
        step.setMaxAge("3d");

        assertThat(throughTheForm(step))
                .contains("lifetime: 'branch'")
                .contains("concurrency: 'abortOlder'")
                .contains("maxAge: '3d'")
                .contains("imagePullSecrets: ['registry']")
                .contains("podSecurity: 'restricted'")
                .contains("dryRun: true")
                .contains("kubeconfig: true")
                .contains("kubernetesSecret(", "name: 'database'", "from: 'ci-shared'")
                .contains("credential(", "id: 'pull'", "as: 'tls'")
                .contains("networkPolicy: 'isolated'")
                .contains("egress: ['10.0.0.0/8:5432', '192.0.2.1/32:53/udp']")
                .contains("urls: [web: 'https://{namespace}.example.org']")
                .contains("name: 'shop-1'")
                .contains("namePrefix: 'shop'")
                .contains("ttl: '30m'")
                .contains("keepOnFailure: true")
                .contains("waitForDeletion: true")
                .contains("quota: [pods: '20']")
                .contains("limitRange: [cpu: '250m']")
                .contains("labels: [team: 'shop']")
                .contains("annotations: ['example.com/note': 'a = b']")
                .contains("serviceAccount: 'builder'");
    }

    @Test
    public void agent() throws Exception {
        EphemeralAgentStep step = new EphemeralAgentStep();
        step.setImage("registry.example.com/agent:1");
        step.setFloating(false);
        step.setTimeout("90s");

        assertThat(throughTheForm(step))
                .contains("image: 'registry.example.com/agent:1'")
                .contains("floating: false")
                .contains("timeout: '90s'")
                .doesNotContain("mode");
    }

    @Test
    public void agentThatWatches() throws Exception {
        EphemeralAgentStep step = new EphemeralAgentStep();
        step.setMode("shared");
        step.setTriggers(true);
        step.setGitops(true);
        step.setExecutionNamespace("runs");
        step.setInitImage("init:1");
        step.setToolkitImage("toolkit:1");
        step.setRegistry("registry.example.com");
        step.setImagePullSecrets(list("registry"));

        assertThat(throughTheForm(step))
                .contains("mode: 'shared'")
                .contains("triggers: true")
                .contains("gitops: true")
                .contains("executionNamespace: 'runs'")
                .contains("initImage: 'init:1'")
                .contains("toolkitImage: 'toolkit:1'")
                .contains("registry: 'registry.example.com'")
                .contains("imagePullSecrets: ['registry']");
    }

    @Test
    public void agentThatIsThere() throws Exception {
        EphemeralAgentStep step = new EphemeralAgentStep();
        step.setMode("standalone");
        step.setAgentNamespace("testkube");
        step.setAgentService("testkube-api-server:8088");

        assertThat(throughTheForm(step))
                .contains("mode: 'standalone'")
                .contains("agentNamespace: 'testkube'")
                .contains("agentService: 'testkube-api-server:8088'");
    }

    @Test
    public void kubeconfig() throws Exception {
        EphemeralKubeconfigStep step = new EphemeralKubeconfigStep();
        step.setLifetime("30m");

        assertThat(throughTheForm(step)).startsWith("withEphemeralKubeconfig(").contains("lifetime: '30m'");
    }

    @Test
    public void apply() throws Exception {
        EphemeralApplyStep step = new EphemeralApplyStep();
        step.setManifests("kind: TestWorkflow\nmetadata:\n  name: 'a'");
        step.setParameters(map("image", "web:2"));
        step.setPrune(false);
        step.setWaitFor("available");
        step.setTimeout("3m");
        step.setDefinitions("main");

        assertThat(throughTheForm(step))
                .contains("waitFor: 'available'")
                .contains("timeout: '3m'")
                .contains("definitions: 'main'")
                .contains("kind: TestWorkflow")
                .contains("parameters: [image: 'web:2']")
                .contains("prune: false")
                .doesNotContain("files");
    }

    @Test
    public void workflow() throws Exception {
        EphemeralWorkflowStep step = new EphemeralWorkflowStep();
        step.setWorkflows(list("http-smoke", "api-junit"));
        step.setConfig(map("targetUrl", "http://web?a=b"));
        step.setTags(map("team", "shop"));
        step.setTimeout("10m");
        step.setJunit("reports/*.xml");
        step.setFailBuild(false);
        step.setAwaitTriggered(list("after-deploy"));
        step.setTarget(map("name", "agent-1"));
        step.setOnlyWhenMatches(false);
        step.setMaxConcurrent(2);
        step.setFailFast(true);
        step.setRetries(1);
        step.setExecutionResource(true);

        assertThat(throughTheForm(step))
                .contains("executionResource: true")
                .contains("awaitTriggered: ['after-deploy']")
                .contains("target: [name: 'agent-1']")
                .contains("onlyWhenMatches: false")
                .contains("maxConcurrent: 2")
                .contains("failFast: true")
                .contains("retries: 1")
                .contains("workflows: ['http-smoke', 'api-junit']")
                .contains("config: [targetUrl: 'http://web?a=b']")
                .contains("tags: [team: 'shop']")
                .contains("timeout: '10m'")
                .contains("junit: 'reports/*.xml'")
                .contains("failBuild: false")
                .doesNotContain("selector");
    }

    @Test
    public void job() throws Exception {
        EphemeralJobStep step = new EphemeralJobStep("plan", "terraform:1.9");
        step.setType("plan");
        step.setCommand(list("sh", "-c"));
        step.setArgs(list("terraform plan -detailed-exitcode"));
        step.setEnv(map("TF_IN_AUTOMATION", true));
        step.setPayload("{\"stackId\": 1}");
        step.setResources(map("memory", "512Mi"));
        step.setServiceAccount("planner");
        step.setStartupTimeout("2m");
        step.setTimeout("20m");
        step.setAfter("init");
        step.setFailBuild(false);

        assertThat(throughTheForm(step))
                .contains("name: 'plan'")
                .contains("image: 'terraform:1.9'")
                .contains("type: 'plan'")
                .contains("command: ['sh', '-c']")
                .contains("args: ['terraform plan -detailed-exitcode']")
                .contains("env: [TF_IN_AUTOMATION: 'true']")
                .contains("payload: '{\"stackId\": 1}'")
                .contains("resources: [memory: '512Mi']")
                .contains("serviceAccount: 'planner'")
                .contains("startupTimeout: '2m'")
                .contains("timeout: '20m'")
                .contains("after: 'init'")
                .contains("failBuild: false");
    }

    @Test
    public void jobInAChain() throws Exception {
        EphemeralJobStep step = new EphemeralJobStep("apply", "terraform:1.9");
        step.setOutputs("out.json");
        step.setHandover("plan.bin");
        step.setLock("shop");
        step.setCommit("v1.2");
        step.setBackoffLimit(2);
        step.setTerminationGracePeriodSeconds(20);
        step.setTtlSecondsAfterFinished(120);

        assertThat(throughTheForm(step))
                .contains("outputs: 'out.json'")
                .contains("handover: 'plan.bin'")
                .contains("lock: 'shop'")
                .contains("commit: 'v1.2'")
                .contains("backoffLimit: 2")
                .contains("terminationGracePeriodSeconds: 20")
                .contains("ttlSecondsAfterFinished: 120");
    }

    @Test
    public void jobWithAPodOfItsOwn() throws Exception {
        EphemeralJobStep step = new EphemeralJobStep("plan", "terraform:1.9");
        step.setSecrets(list("cloud"));
        step.setConfigMaps(list("settings"));
        step.setAutomountServiceAccountToken(true);
        step.setImagePullPolicy("Always");
        step.setImagePullSecrets(list("registry"));
        step.setNodeSelector(map("disk", "ssd"));
        step.setLabels(map("team", "shop"));
        step.setAnnotations(map("example.com/job", "a"));
        step.setPodAnnotations(map("example.com/pod", "b"));
        step.setWorkingDir("/src");
        step.setPodYaml("spec:\n  priorityClassName: low");

        assertThat(throughTheForm(step))
                .contains("secrets: ['cloud']")
                .contains("configMaps: ['settings']")
                .contains("automountServiceAccountToken: true")
                .contains("imagePullPolicy: 'Always'")
                .contains("imagePullSecrets: ['registry']")
                .contains("nodeSelector: [disk: 'ssd']")
                .contains("labels: [team: 'shop']")
                .contains("annotations: ['example.com/job': 'a']")
                .contains("podAnnotations: ['example.com/pod': 'b']")
                .contains("workingDir: '/src'")
                .contains("priorityClassName: low");
    }

    @Test
    public void jobOfAControlPlane() throws Exception {
        EphemeralJobStep step = new EphemeralJobStep("plan", null);
        TerrakubeExecutor terrakube = new TerrakubeExecutor("net");
        terrakube.setTemplate("Plan and apply");
        terrakube.setBranch("main");
        terrakube.setControlPlane("infra");
        step.setExecutor(terrakube);

        EphemeralJobStep after = (EphemeralJobStep) new StepConfigTester(JENKINS).configRoundTrip((Step) step);

        assertThat(Snippetizer.object2Groovy(after))
                .contains("executor: terrakube(")
                .contains("workspace: 'net'")
                .contains("template: 'Plan and apply'")
                .contains("branch: 'main'")
                .contains("controlPlane: 'infra'");
    }

    @Test
    public void publish() throws Exception {
        EphemeralPublishStep step = new EphemeralPublishStep();
        step.setFailOn("error");
        step.setTags(map("team", "shop"));

        assertThat(throughTheForm(step)).contains("failOn: 'error'").contains("tags: [team: 'shop']");
    }

    @Test
    public void whatIsLeftAtItsDefaultIsNotWritten() throws Exception {
        assertThat(throughTheForm(new EphemeralAgentStep())).isEqualTo("ephemeralAgent()");
        assertThat(throughTheForm(new EphemeralWorkflowStep())).isEqualTo("ephemeralWorkflow()");
        assertThat(throughTheForm(new EphemeralPublishStep())).isEqualTo("ephemeralPublish()");
        assertThat(throughTheForm(new EphemeralEnvironmentStep())).startsWith("ephemeralEnvironment {");
        assertThat(throughTheForm(new EphemeralKubeconfigStep())).startsWith("withEphemeralKubeconfig {");
    }

    @Test
    public void theSnippetGeneratorSpeaksOfALineThatIsNoKeyAndValue() throws Exception {
        JSONObject form = new JSONObject();
        form.put("stapler-class", EphemeralEnvironmentStep.class.getName());
        form.put("$class", EphemeralEnvironmentStep.class.getName());
        form.put("quota", "pods 20");

        assertThat(generate(form)).contains("quota").contains("\"pods 20\" is not key=value");
    }

    @Test
    public void theSnippetGeneratorOffersEveryStepWithItsHelp() throws Exception {
        try (JenkinsRule.WebClient web = JENKINS.createWebClient()) {
            String page = web.goTo("pipeline-syntax/html").asXml();
            for (StepDescriptor descriptor : StepDescriptor.all()) {
                if (descriptor.getFunctionName().startsWith("ephemeral")) {
                    assertThat(page).contains(descriptor.getFunctionName()).contains(descriptor.getDisplayName());
                    assertThat(web.goTo("descriptor/" + descriptor.getId() + "/help", "text/html")
                                    .getWebResponse()
                                    .getContentAsString())
                            .contains("<div>");
                }
            }
        }
    }

    /** Through the form, through the generator, and back from the Groovy that it wrote; all three must agree. */
    private static String throughTheForm(Step step) throws Exception {
        String before = Snippetizer.object2Groovy(step);
        Step after = new StepConfigTester(JENKINS).configRoundTrip(step);
        String groovy = Snippetizer.object2Groovy(after);
        assertThat(Snippetizer.object2Groovy(fromGroovy(groovy, step.getClass())))
                .isEqualTo(groovy);
        assertThat(withTexts(before)).isEqualTo(groovy);
        return groovy;
    }

    /** Of types that Jenkins saves: the form's job, unlike a program, holds the step in its configuration. */
    private static Map<String, Object> map(String key, Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(key, value);
        return map;
    }

    private static List<String> list(String... items) {
        return new ArrayList<>(Arrays.asList(items));
    }

    /** What the form makes texts of. */
    private static String withTexts(String groovy) {
        return groovy.replace("[pods: 20]", "[pods: '20']").replace("_AUTOMATION: true", "_AUTOMATION: 'true'");
    }

    /** Evaluates a call of the step; calls within its arguments describe what their symbols stand for. */
    private static Step fromGroovy(String groovy, Class<? extends Step> type) throws Exception {
        GroovyShell shell = new GroovyShell();
        for (String symbol : List.of("kubernetesSecret", "credential")) {
            shell.setVariable(symbol, new Described(symbol));
        }
        Described step = new Described(groovy.replaceAll("(?s)[ ({].*", ""));
        shell.setVariable(step.symbol, step);
        shell.evaluate(groovy);
        return new DescribableModel<>(type).instantiate(step.arguments);
    }

    /** A function that gives its named arguments back under its symbol, as the step {@code step} of a Pipeline does. */
    private static final class Described extends Closure<UninstantiatedDescribable> {
        private static final long serialVersionUID = 1L;

        private final String symbol;
        private transient Map<String, Object> arguments;

        Described(String symbol) {
            super(null);
            this.symbol = symbol;
        }

        @Override
        public UninstantiatedDescribable call(Object... given) {
            arguments = new LinkedHashMap<>();
            for (Object one : given) {
                if (one instanceof Map) {
                    ((Map<?, ?>) one).forEach((key, value) -> arguments.put(String.valueOf(key), value));
                }
            }
            return new UninstantiatedDescribable(symbol, null, arguments);
        }
    }

    private static String generate(JSONObject form) throws Exception {
        try (JenkinsRule.WebClient web = JENKINS.createWebClient()) {
            web.setThrowExceptionOnFailingStatusCode(false);
            WebRequest request =
                    new WebRequest(new URL(JENKINS.getURL(), "pipeline-syntax/generateSnippet"), HttpMethod.POST);
            request.setRequestParameters(List.of(new NameValuePair("json", form.toString())));
            web.addCrumb(request);
            return web.getPage(request).getWebResponse().getContentAsString();
        }
    }
}
