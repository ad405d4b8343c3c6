package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.Test;

public class ManifestLoaderTest {
    private static final String HEAD = "apiVersion: testworkflows.testkube.io/v1\nkind: TestWorkflow\n";

    private static List<Manifest> load(Map<String, String> parameters, String... texts) {
        return load(parameters, Set.of(), texts);
    }

    private static List<Manifest> load(Map<String, String> parameters, Set<String> allowed, String... texts) {
        return new ManifestLoader("shop-pr-41", parameters, allowed)
                .load(Arrays.stream(texts)
                        .map(text -> new ManifestSource("testkube/all.yaml", text))
                        .toList());
    }

    private static Manifest one(String text) {
        return load(Map.of(), text).get(0);
    }

    private static void refused(String message, String... texts) {
        assertThatThrownBy(() -> load(Map.of("url", "http://web"), texts))
                .isInstanceOf(UserFault.class)
                .hasMessage(message);
    }

    @Test
    public void templatesComeBeforeTheWorkflowsThatUseThem() {
        List<Manifest> manifests = load(
                Map.of(),
                HEAD + "metadata: {name: smoke}\nspec: {}\n---\n---\n# nothing\n---\n"
                        + "apiVersion: testworkflows.testkube.io/v1\nkind: TestWorkflowTemplate\n"
                        + "metadata: {name: defaults}\nspec: {}\n");

        assertThat(manifests)
                .extracting(Manifest::id)
                .containsExactly("TestWorkflowTemplate/defaults", "TestWorkflow/smoke");
        assertThat(manifests).extracting(Manifest::place).containsExactly("testkube/all.yaml:9", "testkube/all.yaml:1");
    }

    @Test
    public void scalarsMeanWhatKubectlReads() {
        Map<String, Object> spec = one(HEAD + "metadata: {name: types, namespace: shop-pr-41}\nspec:\n"
                        + "  a: [1, -7, 0644, 0x1F, 1.5, 1e3, true, no, ~, 2026-01-01, 12:30:45, \"5\", 08]\n"
                        + "  big: 123456789012345678901234567890\n"
                        + "  5: key\n  on: key\n")
                .mapping("spec");

        assertThat((List<?>) spec.get("a"))
                .isEqualTo(Arrays.asList(
                        1, -7, 420, 31, 1.5, 1000.0, true, false, null, "2026-01-01", "12:30:45", "5", 8.0));
        assertThat(spec.get("big")).hasToString("123456789012345678901234567890");
        assertThat(spec).containsEntry("5", "key").containsEntry("on", "key");
    }

    @Test
    public void mergeKeysFillWhatIsNotGiven() {
        Map<String, Object> spec = one(HEAD + "metadata: {name: merge}\nspec:\n  base: &base {a: 1, b: 2}\n"
                        + "  own: {<<: *base, b: 3}\n")
                .mapping("spec");

        assertThat(spec.get("own")).isEqualTo(Map.of("a", 1, "b", 3));
    }

    @Test
    public void parametersFillScalarsAndNeverTheStructure() {
        Map<String, Object> spec = load(
                        Map.of("url", "http://web: {x}\n- injected: true", "count", "3", "key", "tier"),
                        HEAD
                                + "metadata: {name: smoke}\nspec:\n  url: ${url}\n  count: ${count}\n  text: \"${count}\"\n"
                                + "  ${key}: smoke\n  shell: |\n    echo $${HOME} ${NAME:-none} $HOME $$ ${count}\n"
                                + "  # ${undefined} in a comment is no parameter\n")
                .get(0)
                .mapping("spec");

        assertThat(spec)
                .containsEntry("url", "http://web: {x}\n- injected: true")
                .containsEntry("count", 3)
                .containsEntry("text", "3")
                .containsEntry("tier", "smoke")
                .containsEntry("shell", "echo ${HOME} ${NAME:-none} $HOME $$ 3\n");
    }

    @Test
    public void undefinedParametersAreRefused() {
        refused(
                "reading manifests (testkube/all.yaml:5): parameter 'target' is not defined; defined are url. Pass it in"
                        + " 'parameters', or write $${target} for a literal ${target}.",
                HEAD + "metadata: {name: smoke}\nspec:\n  a: ${url} ${target}\n");
    }

    @Test
    public void parametersInFlowMappingsGetAHint() {
        refused(
                "reading manifests (testkube/all.yaml:4): expected ',' or '}', but got {. Quote values with parameters"
                        + " inside { } and [ ]: \"${name}\".",
                HEAD + "metadata: {name: smoke}\nspec: {a: ${url}}\n");
    }

    @Test
    public void aliasBombsAreRefusedByWhatTheyExpandTo() {
        StringBuilder bomb = new StringBuilder(HEAD + "metadata: {name: bomb}\nspec:\n  a0: &a0 [lol, lol]\n");
        for (int i = 1; i < 25; i++) {
            bomb.append("  a" + i + ": &a" + i + " [*a" + (i - 1) + ", *a" + (i - 1) + "]\n");
        }
        refused(
                "reading manifests (testkube/all.yaml:23): with its aliases expanded it is larger than 1500000 characters."
                        + " Kubernetes takes no object of that size: make it smaller.",
                bomb.toString());
    }

    @Test
    public void tooManyAliasesAreRefused() {
        String text = HEAD + "metadata: {name: many}\nspec:\n  a: &a [x]\n  b: [" + "*a, ".repeat(60) + "*a]\n";
        refused(
                "reading manifests (testkube/all.yaml): Number of aliases for non-scalar nodes exceeds the specified max=50",
                text);
    }

    @Test
    public void cyclesAreRefused() {
        refused(
                "reading manifests (testkube/all.yaml:5): an alias refers to what contains it",
                HEAD + "metadata: {name: cycle}\nspec:\n  a: &a\n    b: *a\n");
    }

    @Test
    public void deepNestingIsRefused() {
        assertThatThrownBy(() ->
                        one(HEAD + "metadata: {name: deep}\nspec: {a: " + "[".repeat(200) + "]".repeat(200) + "}\n"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("Nesting Depth exceeded max 64");
    }

    @Test
    public void duplicateKeysAreRefused() {
        refused(
                "reading manifests (testkube/all.yaml:6): the key 'shell' is there twice, first on line 5. Remove one of"
                        + " them.",
                HEAD + "metadata: {name: twice}\nspec:\n  shell: a\n  shell: b\n");
    }

    @Test
    public void foreignTypesAreRefused() {
        refused(
                "reading manifests (testkube/all.yaml:5): the type tag:yaml.org,2002:java.net.URL is not allowed. Use"
                        + " strings, numbers, booleans, lists and mappings.",
                HEAD + "metadata: {name: types}\nspec:\n  a: !!java.net.URL http://example.org\n");
    }

    @Test
    public void brokenYamlNamesTheLine() {
        refused(
                "reading manifests (testkube/all.yaml:5): mapping values are not allowed here",
                HEAD + "metadata: {name: smoke}\nspec:\n  a: b: c\n");
    }

    @Test
    public void foreignNamespacesAreRefused() {
        refused(
                "reading manifests (testkube/all.yaml:5): TestWorkflow/smoke names the namespace production, and this"
                        + " environment's is shop-pr-41. Leave metadata.namespace out: resources go to the environment's"
                        + " own namespace.",
                HEAD + "metadata:\n  name: smoke\n  namespace: production\nspec: {}\n");
    }

    @Test
    public void clusterScopedKindsAreRefused() {
        refused(
                "reading manifests (testkube/all.yaml:2): ClusterRole belongs to the whole cluster, and an environment may"
                        + " only change its own namespace. Have an administrator of the cluster install it once.",
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n");
    }

    @Test
    public void otherKindsAreRefusedByName() {
        refused(
                "reading manifests (testkube/all.yaml:2): rbac.authorization.k8s.io/v1 RoleBinding is not applied by this"
                        + " step. It applies TestWorkflow and TestWorkflowTemplate of testworkflows.testkube.io/v1.",
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: web}\n");
        refused(
                "reading manifests (testkube/all.yaml:2): extensions/v1beta1 Deployment is not applied by this step. It"
                        + " applies TestWorkflow and TestWorkflowTemplate of testworkflows.testkube.io/v1.",
                "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: web}\nspec: {}\n");
        refused(
                "reading manifests (testkube/all.yaml:2): lists are not applied. Write its items as documents of their"
                        + " own.",
                "apiVersion: v1\nkind: List\nitems: []\n");
        refused(
                "reading manifests (testkube/all.yaml:1): TestWorkflow has no version testworkflows.testkube.io/v2. Write"
                        + " apiVersion: testworkflows.testkube.io/v1.",
                "apiVersion: testworkflows.testkube.io/v2\nkind: TestWorkflow\nmetadata: {name: a}\nspec: {}\n");
    }

    @Test
    public void executionsAreRefusedWithTheReason() {
        refused(
                "reading manifests (testkube/all.yaml:2): an agent in runner mode does not execute TestWorkflowExecution"
                        + " resources: nothing would run, and nothing would say so. Run workflows with the"
                        + " ephemeralWorkflow step.",
                "apiVersion: testworkflows.testkube.io/v1\nkind: TestWorkflowExecution\nmetadata: {name: a}\nspec: {}\n");
    }

    @Test
    public void namesAndMetadataAreChecked() {
        refused("reading manifests (testkube/all.yaml:3): metadata.name is missing", HEAD + "metadata: {}\nspec: {}\n");
        refused(
                "reading manifests (testkube/all.yaml:3): metadata.name must be a string, this is 12. Quote it.",
                HEAD + "metadata: {name: 12}\nspec: {}\n");
        refused(
                "reading manifests (testkube/all.yaml:3): 'Smoke_1' is no name for a TestWorkflow. Use at most 253"
                        + " lower-case letters, digits, '-' and '.', with a letter or digit at both ends.",
                HEAD + "metadata: {name: Smoke_1}\nspec: {}\n");
        refused("reading manifests (testkube/all.yaml:1): spec is missing", HEAD + "metadata: {name: a}\n");
        refused(
                "reading manifests (testkube/all.yaml:5): TestWorkflow/a sets metadata.finalizers, which could keep its"
                        + " namespace from being deleted or is not ours to set. Remove it.",
                HEAD + "metadata:\n  name: a\n  finalizers: [x/y]\nspec: {}\n");
        refused(
                "reading manifests (testkube/all.yaml:3): metadata.labels of TestWorkflow/a must map strings to strings."
                        + " Quote numbers and booleans.",
                HEAD + "metadata: {name: a, labels: {pr: 41}}\nspec: {}\n");
    }

    @Test
    public void oneNameTwiceIsRefused() {
        refused(
                "reading manifests (testkube/all.yaml:6): TestWorkflow/a is there twice, first in testkube/all.yaml:1."
                        + " Remove one of them.",
                HEAD + "metadata: {name: a}\nspec: {}\n---\n" + HEAD + "metadata: {name: a}\nspec: {}\n");
    }

    @Test
    public void nothingToApplyIsRefused() {
        refused(
                "reading manifests (testkube/all.yaml): there is no document in it. Name files with TestWorkflow or"
                        + " TestWorkflowTemplate resources.",
                "# nothing\n");
        refused("reading manifests (testkube/all.yaml:1): a document must be a mapping, this is a scalar", "hello\n");
    }

    @Test
    public void manyDocumentsAreRefused() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i <= ManifestLoader.MAX_DOCUMENTS; i++) {
            text.append(HEAD).append("metadata: {name: w").append(i).append("}\nspec: {}\n---\n");
        }
        assertThatThrownBy(() -> one(text.toString()))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("testkube/all.yaml:2501")
                .hasMessageContaining("more than 500 documents");
    }

    @Test
    public void largeFilesAreRefused() {
        assertThatThrownBy(() -> one("# " + "x".repeat(ManifestLoader.MAX_CHARS)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("more than 8388608 characters");
    }

    private static final String DEPLOYMENT =
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              template:
                spec:
                  volumes:
                  - name: data
                    emptyDir: {}
                  containers:
                  - name: web
                    image: shop/web
            """;

    private static void refusedApplication(String message, String text) {
        assertThatThrownBy(() -> load(Map.of(), Set.of("Deployment", "Service"), text))
                .isInstanceOf(UserFault.class)
                .hasMessage(message);
    }

    @Test
    public void applicationsAreForAnAdministratorToAllow() {
        refused(
                "reading manifests (testkube/all.yaml:2): apps/v1 Deployment is not allowed in environments of this"
                        + " Jenkins. An administrator allows it with 'Application kinds' in the global configuration of"
                        + " Ephemeral Environments.",
                DEPLOYMENT);
        refusedApplication(
                "reading manifests (testkube/all.yaml:2): networking.k8s.io/v1 Ingress is not allowed in environments of"
                        + " this Jenkins. An administrator allows it with 'Application kinds' in the global configuration"
                        + " of Ephemeral Environments; allowed are Deployment, Service.",
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {}\n");
        assertThat(load(Map.of(), Set.of("Deployment"), DEPLOYMENT))
                .extracting(Manifest::id)
                .containsExactly("Deployment/web");
    }

    @Test
    public void whatLeadsOutOfAPodIsRefusedWithItsLine() {
        refusedApplication(
                "reading manifests (testkube/all.yaml:9): in Deployment/web, a hostPath volume would give its Pods the"
                        + " node's files. Use emptyDir or a claim.",
                DEPLOYMENT.replace("emptyDir: {}", "hostPath: {path: /}"));
        refusedApplication(
                "reading manifests (testkube/all.yaml:14): in Deployment/web, a privileged container is root on the node."
                        + " Remove it.",
                DEPLOYMENT + "        securityContext:\n          privileged: true\n");
        refusedApplication(
                "reading manifests (testkube/all.yaml:13): in Deployment/web, capability SYS_ADMIN is beyond what a"
                        + " container may add. Remove it.",
                DEPLOYMENT + "        securityContext: {capabilities: {add: [CHOWN, SYS_ADMIN]}}\n");
        refusedApplication(
                "reading manifests (testkube/all.yaml:13): in Deployment/web, hostPort would take a port of the node. Use"
                        + " a Service.",
                DEPLOYMENT + "        ports: [{containerPort: 80, hostPort: 80}]\n");
        refusedApplication(
                "reading manifests (testkube/all.yaml:7): in Deployment/web, hostNetwork would put its Pods onto the"
                        + " node's own. Remove it.",
                DEPLOYMENT.replace("      volumes:", "      hostNetwork: true\n      volumes:"));
        refusedApplication(
                "reading manifests (testkube/all.yaml:4): in Service/web, externalIPs could take over traffic of others"
                        + " in the cluster. Remove it.",
                "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {externalIPs: [10.0.0.1]}\n");
        refused(
                "reading manifests (testkube/all.yaml:6): in TestWorkflow/smoke, a privileged container is root on the"
                        + " node. Remove it.",
                HEAD + "metadata: {name: smoke}\nspec:\n  steps:\n"
                        + "  - run: {image: a, securityContext: {privileged: true}}\n");
        refused(
                "reading manifests (testkube/all.yaml:5): in TestWorkflow/smoke, it would run in the namespace prod, and"
                        + " this environment's is shop-pr-41. Leave job.namespace out.",
                HEAD + "metadata: {name: smoke}\nspec:\n  job: {namespace: prod}\n");
    }

    @Test
    public void theInventoryIsNotTheUsers() {
        assertThatThrownBy(() -> load(
                        Map.of(),
                        Set.of("ConfigMap"),
                        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ephemeral-inventory}\n"))
                .hasMessage(
                        "reading manifests (testkube/all.yaml:3): ConfigMap/ephemeral-inventory is this plugin's own."
                                + " Use another name.");
    }

    @Test
    public void anObjectThatNoServerTakesIsRefused() {
        assertThatThrownBy(
                        () -> one(HEAD + "metadata: {name: big}\nspec:\n  text: " + "x".repeat(2 * 1024 * 1024) + "\n"))
                .isInstanceOf(UserFault.class)
                .hasMessageStartingWith(
                        "reading manifests (testkube/all.yaml:5): with its aliases expanded it is larger"
                                + " than 1500000 characters. Kubernetes takes no object of that size: make it smaller.");
    }
}
