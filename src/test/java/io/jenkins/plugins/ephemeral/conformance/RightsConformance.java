package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.environment.FixedRoles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/**
 * The manifests under {@code deploy/}: with exactly these rights everything that Jenkins does is allowed, and without any one of
 * their verbs something is not.
 */
public class RightsConformance extends Conformance {
    private static final Path DEPLOY = Path.of("deploy");

    private static final String ROLES = "ephemeral-environments-(controller|namespace|testkube-[a-z]+|user)\\b";

    /** By their names in the files; here they have names of their own, as tests beside this one use the fixed ones. */
    private final Map<String, ClusterRole> roles = new LinkedHashMap<>();

    private KubernetesClient jenkins;
    private RightsSteps steps;
    private String home;

    /** Installs {@code deploy/}, with an identity for Jenkins, and an environment with its binding. */
    @Before
    public void install() throws IOException {
        TestkubeDefinitions.require(client);
        home = emptyNamespace();
        for (HasMetadata object : load("rbac.yaml")) {
            ClusterRole role = (ClusterRole) moved(object);
            client.resource(role).fieldManager("deploy").forceConflicts().serverSideApply();
            roles.put(object.getMetadata().getName(), role);
        }
        for (HasMetadata object : load("jenkins.yaml")) {
            if (!object.getKind().equals("Namespace")) {
                client.resource(moved(object)).create();
            }
        }
        TokenRequest token = client.serviceAccounts()
                .inNamespace(home)
                .withName("ephemeral-environments")
                .tokenRequest(new TokenRequest());
        jenkins = client(ConformanceSuite.subject().bearer(token.getStatus().getToken()));
        until("effective", () -> may(jenkins, null, "create", "", "namespaces"));
        steps = new RightsSteps(jenkins, namespace(), home, this::installed);
        steps.bindOwnRights();
        until("effective", () -> may(jenkins, steps.namespace(), "list", "", "pods"));
        client.resource(RightsSteps.pod(steps.namespace())).create();
        until("pod ended", () -> "Succeeded".equals(phase(steps.namespace(), RightsSteps.POD)));
        steps.all().values().forEach(RightsSteps.Step::prepare);
    }

    private Iterable<HasMetadata> load(String file) throws IOException {
        try (InputStream stream = Files.newInputStream(DEPLOY.resolve(file))) {
            return client.load(stream).items();
        }
    }

    /** Into this test's own namespace and names, so that a cluster that has them keeps its own. */
    private HasMetadata moved(HasMetadata object) {
        String text = io.fabric8.kubernetes.client.utils.Serialization.asYaml(object)
                .replaceAll("namespace: \"?jenkins\"?", "namespace: " + home)
                .replaceAll(ROLES, home + "-$1");
        HasMetadata moved = client.load(
                        new java.io.ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .items()
                .get(0);
        if (moved.getKind().equals("ClusterRoleBinding")) {
            moved.getMetadata().setName(home);
        }
        return moved;
    }

    private String installed(String role) {
        return role.replaceAll(ROLES, home + "-$1");
    }

    @After
    public void uninstall() {
        roles.values().forEach(role -> client.resource(role).delete());
        client.rbac().clusterRoleBindings().withName(home).delete();
    }

    @Test
    public void namesAreThoseThatTheEngineBinds() {
        assertThat(roles)
                .containsOnlyKeys(
                        FixedRoles.CONTROLLER,
                        FixedRoles.NAMESPACE,
                        FixedRoles.TESTKUBE_AGENT,
                        FixedRoles.TESTKUBE_EXECUTION,
                        FixedRoles.TESTKUBE_LISTENER,
                        FixedRoles.USER);
    }

    @Test
    public void everyVerbIsNeededAndNoOtherIs() {
        Set<String> granted = new TreeSet<>();
        for (String role : Set.of(FixedRoles.CONTROLLER, FixedRoles.NAMESPACE)) {
            roles.get(role).getRules().forEach(rule -> granted.addAll(rights(rule)));
        }

        assertThat(steps.all().keySet()).containsExactlyInAnyOrderElementsOf(granted);
        steps.all().forEach((right, step) -> assertThatCode(step::run).as(right).doesNotThrowAnyException());
    }

    @Test
    public void withoutAnyOneVerbItsStepIsForbidden() {
        for (String name : Set.of(FixedRoles.CONTROLLER, FixedRoles.NAMESPACE)) {
            ClusterRole role = roles.get(name);
            for (int i = 0; i < role.getRules().size(); i++) {
                for (String verb : role.getRules().get(i).getVerbs()) {
                    for (String resource : role.getRules().get(i).getResources()) {
                        without(role, i, verb, resource);
                    }
                }
            }
        }
    }

    private void without(ClusterRole role, int rule, String verb, String resource) {
        ClusterRole less = new ClusterRoleBuilder(role).build();
        PolicyRule part = less.getRules().get(rule);
        part.setVerbs(part.getVerbs().stream().filter(v -> !v.equals(verb)).toList());
        if (part.getVerbs().isEmpty()) {
            less.getRules().remove(part);
        }
        String group = role.getRules().get(rule).getApiGroups().get(0);
        client.resource(less).fieldManager("deploy").forceConflicts().serverSideApply();
        RightsSteps.Step step = steps.all().get(right(verb, group, resource));
        try {
            until("forbidden", () -> !allowed(step, verb, group, resource));
            KubernetesClientException refusal = failure(step::run);
            assertThat(refusal.getCode()).as(step.toString()).isEqualTo(403);
        } finally {
            client.resource(role).fieldManager("deploy").forceConflicts().serverSideApply();
            until("allowed again", () -> allowed(step, verb, group, resource));
        }
    }

    private boolean allowed(RightsSteps.Step step, String verb, String group, String resource) {
        return may(jenkins, step.isInside() ? steps.namespace() : null, verb, group, resource, step.resourceName());
    }

    private static Set<String> rights(PolicyRule rule) {
        Set<String> rights = new TreeSet<>();
        for (String resource : rule.getResources()) {
            for (String verb : rule.getVerbs()) {
                rights.add(right(verb, rule.getApiGroups().get(0), resource));
            }
        }
        return rights;
    }

    static String right(String verb, String group, String resource) {
        return verb + " " + resource + (group.isEmpty() ? "" : "." + group);
    }

    @Test
    public void jenkinsBindsTheFixedRolesAndNoOther() {
        for (String role : Set.of(
                FixedRoles.NAMESPACE,
                FixedRoles.TESTKUBE_AGENT,
                FixedRoles.TESTKUBE_EXECUTION,
                FixedRoles.TESTKUBE_LISTENER)) {
            steps.bind(role);
        }
        KubernetesClientException other = failure(() -> steps.bind("cluster-admin"));

        assertThat(other.getCode()).isEqualTo(403);
        assertThat(other.getStatus().getMessage())
                .contains("is attempting to grant RBAC permissions not currently held");
    }

    @Test
    public void outsideItsEnvironmentsJenkinsSeesNothing() {
        String other = emptyNamespace();

        assertThat(failure(() -> jenkins.pods().inNamespace(other).list()).getCode())
                .isEqualTo(403);
        assertThat(failure(() -> jenkins.secrets()
                                .inNamespace(other)
                                .withName("any")
                                .get())
                        .getCode())
                .isEqualTo(403);
        assertThat(failure(() -> jenkins.nodes().list()).getCode()).isEqualTo(403);
    }

    @Test
    public void aFreshEnvironmentIsProvisionedWithTheseRights() {
        String name = unique("conformance");
        jenkins.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        RightsSteps fresh = new RightsSteps(jenkins, name, home, this::installed);
        fresh.bindOwnRights();

        // a binding is not effective at once: that is for whoever makes one to wait for
        until("effective", () -> may(jenkins, name, "create", "", "secrets"));
        fresh.all().get("create secrets").run();
        jenkins.namespaces().withName(name).delete();
        until("gone", () -> jenkins.namespaces().withName(name).get() == null);
    }
}
