package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What is missing is said before anything is made, as deploy/ names it; a dry run makes nothing at all. */
public class PreflightTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private EnvironmentRig rig;

    @Before
    public void start() throws Exception {
        for (String file : List.of("rbac.yaml", "jenkins.yaml")) {
            try (InputStream manifests = Files.newInputStream(Path.of("deploy", file))) {
                for (HasMetadata object : admin.load(manifests).items()) {
                    admin.resource(object).create();
                }
            }
        }
        String token = admin.serviceAccounts()
                .inNamespace("jenkins")
                .withName("ephemeral-environments")
                .tokenRequest(new TokenRequest())
                .getStatus()
                .getToken();
        rig = new EnvironmentRig(cluster.config(token), home.getRoot().toPath(), new Outside(), clock);
    }

    @After
    public void stop() {
        rig.close();
        admin.close();
        cluster.close();
    }

    private String name(int build) {
        return rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
    }

    private void takeAway(String role, String resource, String verb) {
        ClusterRole changed = admin.rbac().clusterRoles().withName(role).get();
        changed.getRules().stream()
                .filter(rule -> rule.getResources().contains(resource))
                .forEach(rule -> rule.getVerbs().remove(verb));
        admin.resource(changed).update();
    }

    @Test
    public void theRolesOfDeployAreEnough() {
        rig.provision(spec, 1);
        assertThat(cluster.requests().count("create", "selfsubjectrulesreviews"))
                .isEqualTo(1);
        assertThat(cluster.requests().count("create", "selfsubjectaccessreviews"))
                .as("only whether the binding is effective")
                .isBetween(1, 3);
    }

    @Test
    public void whatSecretsAndAKubeconfigNeedIsAskedForBefore() {
        askForMore();
        takeAway(FixedRoles.CONTROLLER, "clusterroles", "bind");
        UserFault fault = (UserFault) catchThrowable(() -> rig.provision(spec, 1));
        assertThat(fault.getMessage())
                .contains("get secrets database in namespace shared")
                .contains("bind clusterroles.rbac.authorization.k8s.io " + FixedRoles.USER)
                .contains("create secrets in namespace " + name(1))
                .contains("patch secrets in namespace " + name(1))
                .contains("create serviceaccounts/token in namespace " + name(1))
                .contains("Grant get on the Secrets in the namespaces that they are copied from")
                .contains(FixedRoles.CONTROLLER);
        assertThat(admin.namespaces().withName(name(1)).get()).isNull();
        assertThat(cluster.requests().count("get", "secrets")).isZero();
    }

    @Test
    public void onlyWhatIsMissingIsNamed() {
        askForMore();
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("lacks: get secrets database in namespace shared. ")
                .hasMessageNotContaining(FixedRoles.CONTROLLER)
                .hasMessageNotContaining("Own identity");
        // what is granted there is found out though a rules review of the environment does not show it
        admin.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withName("source")
                        .withNamespace("shared")
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups("")
                        .withResources("secrets")
                        .withResourceNames("database")
                        .withVerbs("get")
                        .endRule()
                        .build())
                .create();
        admin.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName("source")
                        .withNamespace("shared")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", "source")
                        .addNewSubject(null, "ServiceAccount", "ephemeral-environments", "jenkins")
                        .build())
                .create();
        rig.provision(spec, 2);
        int asked = cluster.requests().count("create", "selfsubjectrulesreviews");
        rig.provision(spec, 3);
        assertThat(cluster.requests().count("create", "selfsubjectrulesreviews"))
                .as("remembered")
                .isEqualTo(asked);
    }

    private void askForMore() {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("shared")
                        .endMetadata()
                        .build())
                .create();
        admin.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("database")
                        .withNamespace("shared")
                        .endMetadata()
                        .addToStringData("password", "secret")
                        .build())
                .create();
        SecretSpec secret = new SecretSpec();
        secret.name = "database";
        secret.from = "shared";
        spec.secrets.add(secret);
        spec.kubeconfig = true;
        rig.secretSource = new SecretSources() {
            @Override
            public boolean isOpen(String namespace) {
                return true;
            }

            @Override
            public SecretContent credential(RunRef run, SecretSpec wanted) {
                throw new AssertionError("there is none");
            }
        };
    }

    @Test
    public void whereTheServerCannotListRightsTheyAreAskedForOneByOne() {
        cluster.rights().hideRules();
        rig.provision(spec, 1);
        List<String> made = cluster.requests().all().stream()
                .map(each -> each.verb() + ' ' + each.resource())
                .toList();
        int before = (int) made.subList(0, made.lastIndexOf("create namespaces")).stream()
                .filter("create selfsubjectaccessreviews"::equals)
                .count();
        // beside them it is asked how namespaces can be followed; what the binding gives would be ten more
        assertThat(before).as("namespaces, rolebindings, bind").isBetween(7, 16);
        assertThat(cluster.requests().count("create", "selfsubjectaccessreviews"))
                .as("and the proof that the binding is in force, as often as it takes")
                .isGreaterThan(before);
    }

    @Test
    public void theGoodNewsIsKeptForAWhile() {
        rig.provision(spec, 1);
        rig.provision(spec, 2);
        assertThat(cluster.requests().count("create", "selfsubjectrulesreviews"))
                .isEqualTo(1);
        clock.forward(Duration.ofMinutes(6));
        rig.provision(spec, 3);
        assertThat(cluster.requests().count("create", "selfsubjectrulesreviews"))
                .isEqualTo(2);
    }

    @Test
    public void exactlyWhatIsMissingIsNamedWithTheManifestThatGrantsIt() {
        for (boolean hidden : new boolean[] {false, true}) {
            if (hidden) {
                cluster.rights().hideRules();
            }
            takeAway(FixedRoles.CONTROLLER, "namespaces", "patch");
            takeAway(FixedRoles.CONTROLLER, "rolebindings", "create");
            Throwable fault = catchThrowable(() -> rig.provision(spec, 1));
            assertThat(fault).isInstanceOf(UserFault.class);
            assertThat(((UserFault) fault).why())
                    .isEqualTo("ServiceAccount jenkins/ephemeral-environments lacks:"
                            + " patch namespaces in the whole cluster;"
                            + " create rolebindings.rbac.authorization.k8s.io in namespace " + name(1)
                            + "; " + inside(name(1)));
            assertThat(fault.getMessage()).contains("deploy/rbac.yaml", "deploy/jenkins.yaml", FixedRoles.CONTROLLER);
            assertThat(cluster.requests().count("create", "namespaces"))
                    .as("of deploy/jenkins.yaml")
                    .isEqualTo(1);
            rig.service.release(name(1), EnvironmentRig.run(1), Ending.FAILURE, rig.said::add);
            rig.awaitGone(name(1));
        }
    }

    private static String inside(String namespace) {
        String in = " in namespace " + namespace;
        return "create resourcequotas" + in + "; patch resourcequotas" + in + "; get resourcequotas" + in
                + "; create serviceaccounts" + in + "; patch serviceaccounts" + in + "; get serviceaccounts" + in
                + "; create limitranges" + in + "; patch limitranges" + in
                + "; create networkpolicies.networking.k8s.io" + in + "; patch networkpolicies.networking.k8s.io" + in;
    }

    @Test
    public void aRightThatIsGivenLaterCountsAtOnce() {
        takeAway(FixedRoles.CONTROLLER, "namespaces", "watch");
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .hasMessageContaining("lacks: watch namespaces in the whole cluster.");
        ClusterRole role =
                admin.rbac().clusterRoles().withName(FixedRoles.CONTROLLER).get();
        role.getRules().get(0).getVerbs().add("watch");
        admin.resource(role).update();
        assertThat(rig.provision(spec, 2).namespace()).isEqualTo(name(2));
    }

    @Test
    public void whoHoldsTheRightsInsideNeedNotBind() {
        takeAway(FixedRoles.CONTROLLER, "rolebindings", "create");
        admin.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName("all-namespaces")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", FixedRoles.NAMESPACE)
                        .addNewSubject(null, "ServiceAccount", "ephemeral-environments", "jenkins")
                        .build())
                .create();
        NamespaceRef ref = rig.provision(spec, 1);
        assertThat(admin.namespaces().withName(ref.namespace()).get()).isNotNull();
        assertThat(rig.said).anyMatch(line -> line.contains("is not bound"));
    }

    @Test
    public void aBindingThatDoesNotGiveWhatStagesNeedIsNotReady() {
        takeAway(FixedRoles.NAMESPACE, "jobs", "create");
        var end = rig.begin(rig.service.provision(name(1), spec, EnvironmentRig.run(1), rig.said::add));
        org.awaitility.Awaitility.await()
                .until(() -> cluster.requests().count("create", "selfsubjectaccessreviews") > 2);
        assertThat(end).isNotDone();
        clock.forward(Duration.ofSeconds(16));
        assertThat(catchThrowable(end::join).getCause())
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("create jobs.batch in namespace " + name(1))
                .hasMessageContaining("deploy/rbac.yaml");
    }

    @Test
    public void aDryRunShowsEverythingAndMakesNothing() {
        spec.quota = java.util.Map.of("pods", "7");
        List<String> before = namespaces();
        EnvironmentPlan plan = rig.get(rig.service.plan(name(1), spec, EnvironmentRig.run(1), rig.said::add));

        assertThat(plan.name).isEqualTo(name(1));
        assertThat(plan.cluster).isEqualTo("dev");
        assertThat(plan.objects)
                .contains(
                        "Namespace/" + name(1),
                        "ResourceQuota/ephemeral-environment",
                        "NetworkPolicy/ephemeral-environment",
                        "ServiceAccount/ephemeral");
        assertThat(plan.yaml)
                .contains("pod-security.kubernetes.io/enforce: \"baseline\"", "pods: \"7\"", FixedRoles.NAMESPACE);
        assertThat(String.join("\n", rig.said)).contains(plan.yaml.strip(), "nothing is made");
        assertThat(namespaces()).isEqualTo(before);
        assertThat(rig.service.all()).isEmpty();
        assertThat(home.getRoot().list()).isEmpty();
    }

    @Test
    public void whatADryRunFinds() {
        takeAway(FixedRoles.CONTROLLER, "namespaces", "delete");
        assertThatThrownBy(() -> dryRun(1)).hasMessageContaining("lacks: delete namespaces in the whole cluster.");
        spec.networkPolicy = "closed";
        assertThatThrownBy(() -> dryRun(1)).hasMessageContaining("parameter networkPolicy");
    }

    @Test
    public void aDryRunFindsANameThatIsTaken() {
        spec.name = "jenkins";
        assertThatThrownBy(() -> dryRun(1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("Dry run of Namespace")
                .hasMessageContaining("there is one of that name already");
    }

    private EnvironmentPlan dryRun(int build) {
        return rig.get(rig.service.plan(name(build), spec, EnvironmentRig.run(build), rig.said::add));
    }

    private List<String> namespaces() {
        return admin.namespaces().list().getItems().stream()
                .map(namespace -> namespace.getMetadata().getName())
                .collect(java.util.stream.Collectors.toList());
    }
}
