package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceRule;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** Who may do what, how a client asks beforehand, and how it is told. */
public class AccessConformance extends Conformance {
    private static PolicyRule rule(String group, String resource, String... verbs) {
        return new PolicyRuleBuilder()
                .withApiGroups(group)
                .withResources(resource)
                .withVerbs(verbs)
                .build();
    }

    /** A client of a service account {@code robot} that holds these rights in its own namespace. */
    private KubernetesClient robot(String ns, PolicyRule... rules) {
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("robot")
                        .endMetadata()
                        .build())
                .create();
        client.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("robot")
                        .endMetadata()
                        .withRules(rules)
                        .build())
                .create();
        client.resource(binding(ns, "robot", "Role", "robot")).create();
        TokenRequest token =
                client.serviceAccounts().inNamespace(ns).withName("robot").tokenRequest(new TokenRequest());
        return client(ConformanceSuite.subject().bearer(token.getStatus().getToken()));
    }

    private static RoleBinding binding(String ns, String name, String kind, String role) {
        return new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(ns)
                .withName(name)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", kind, role)
                .addNewSubject(null, "ServiceAccount", "robot", ns)
                .build();
    }

    @Test
    public void accessReviewTellsWhatOneMayDo() {
        String ns = namespace();
        KubernetesClient robot = robot(ns, rule("", "configmaps", "get", "list"), rule("batch", "jobs", "*"));

        until("effective", () -> may(robot, ns, "get", "", "configmaps"));
        assertThat(may(robot, ns, "delete", "batch", "jobs")).isTrue();
        assertThat(may(robot, ns, "create", "", "configmaps")).isFalse();
        assertThat(may(robot, "default", "get", "", "configmaps")).isFalse();
        assertThat(may(robot, null, "create", "", "namespaces")).isFalse();
        assertThat(may(client, null, "create", "", "namespaces")).isTrue();
    }

    @Test
    public void rulesReviewListsWhatOneMayDo() {
        String ns = namespace();
        KubernetesClient robot = robot(ns, rule("", "configmaps", "get", "list"));
        until("effective", () -> may(robot, ns, "get", "", "configmaps"));

        SelfSubjectRulesReview review = robot.authorization()
                .v1()
                .selfSubjectRulesReview()
                .create(new SelfSubjectRulesReviewBuilder()
                        .withNewSpec()
                        .withNamespace(ns)
                        .endSpec()
                        .build());

        List<ResourceRule> rules = review.getStatus().getResourceRules();
        assertThat(rules).anySatisfy(r -> {
            assertThat(r.getResources()).containsExactly("configmaps");
            assertThat(r.getVerbs()).containsExactlyInAnyOrder("get", "list");
        });
        assertThat(rules).noneMatch(r -> r.getResources().contains("jobs"));
    }

    @Test
    public void refusalNamesUserVerbResourceAndNamespace() {
        String ns = namespace();
        KubernetesClient robot = robot(ns, rule("", "configmaps", "get"));
        until("effective", () -> may(robot, ns, "get", "", "configmaps"));
        String user = "User \"system:serviceaccount:" + ns + ":robot\"";

        KubernetesClientException list =
                failure(() -> robot.configMaps().inNamespace(ns).list());
        KubernetesClientException create =
                failure(() -> robot.resource(configMap(ns, "mine", Map.of())).create());
        KubernetesClientException delete = failure(() ->
                robot.configMaps().inNamespace(ns).withName("kube-root-ca.crt").delete());
        KubernetesClientException cluster = failure(() -> robot.namespaces().list());

        assertThat(List.of(list, create, delete, cluster)).allSatisfy(f -> {
            assertThat(f.getCode()).isEqualTo(403);
            assertThat(reason(f)).isEqualTo("Forbidden");
        });
        assertThat(list.getStatus().getMessage())
                .isEqualTo("configmaps is forbidden: " + user
                        + " cannot list resource \"configmaps\" in API group \"\" in the namespace \"" + ns + "\"");
        assertThat(create.getStatus().getMessage()).contains(user + " cannot create resource \"configmaps\"");
        assertThat(delete.getStatus().getMessage())
                .isEqualTo("configmaps \"kube-root-ca.crt\" is forbidden: " + user
                        + " cannot delete resource \"configmaps\" in API group \"\" in the namespace \"" + ns + "\"");
        assertThat(cluster.getStatus().getMessage())
                .isEqualTo("namespaces is forbidden: " + user
                        + " cannot list resource \"namespaces\" in API group \"\" at the cluster scope");
    }

    @Test
    public void applyNeedsPatchAndForANewObjectCreateToo() {
        String ns = namespace();
        client.resource(configMap(ns, "there", Map.of("a", "1")))
                .fieldManager("robot")
                .serverSideApply();
        KubernetesClient robot = robot(ns, rule("", "configmaps", "patch"));
        until("effective", () -> may(robot, ns, "patch", "", "configmaps"));

        ConfigMap applied = robot.resource(configMap(ns, "there", Map.of("a", "2")))
                .fieldManager("robot")
                .serverSideApply();

        assertThat(applied.getData()).containsEntry("a", "2");
        KubernetesClientException failure = failure(() -> robot.resource(configMap(ns, "new", Map.of("a", "2")))
                .fieldManager("robot")
                .serverSideApply());
        assertThat(failure.getCode()).isEqualTo(403);
        assertThat(failure.getStatus().getMessage()).startsWith("configmaps \"new\" is forbidden: ");
    }

    @Test
    public void oneCannotGrantWhatOneDoesNotHold() {
        String ns = namespace();
        KubernetesClient robot = robot(
                ns,
                rule("rbac.authorization.k8s.io", "rolebindings", "create"),
                rule("rbac.authorization.k8s.io", "roles", "create"));
        until("effective", () -> may(robot, ns, "create", "rbac.authorization.k8s.io", "rolebindings"));

        KubernetesClientException binding =
                failure(() -> robot.resource(binding(ns, "more", "ClusterRole", "cluster-admin"))
                        .create());
        KubernetesClientException role = failure(() -> robot.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("more")
                        .endMetadata()
                        .withRules(rule("", "secrets", "get"))
                        .build())
                .create());

        assertThat(List.of(binding, role)).allSatisfy(f -> {
            assertThat(f.getCode()).isEqualTo(403);
            assertThat(f.getStatus().getMessage())
                    .contains("is attempting to grant RBAC permissions not currently held:");
        });
    }

    @Test
    public void bindOnOneRoleAllowsToGrantThatOneAlone() {
        String ns = namespace();
        client.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("fixed")
                        .endMetadata()
                        .withRules(rule("", "secrets", "get"))
                        .build())
                .create();
        PolicyRule bind = new PolicyRuleBuilder()
                .withApiGroups("rbac.authorization.k8s.io")
                .withResources("roles")
                .withResourceNames("fixed")
                .withVerbs("bind")
                .build();
        KubernetesClient robot = robot(ns, rule("rbac.authorization.k8s.io", "rolebindings", "create"), bind);
        until("effective", () -> may(robot, ns, "create", "rbac.authorization.k8s.io", "rolebindings"));

        robot.resource(binding(ns, "granted", "Role", "fixed")).create();

        until("effective", () -> may(robot, ns, "get", "", "secrets"));
        assertThat(failure(() -> robot.resource(binding(ns, "more", "ClusterRole", "cluster-admin"))
                                .create())
                        .getCode())
                .isEqualTo(403);
    }

    @Test
    public void roleOfABindingCannotChange() {
        String ns = namespace();
        client.resource(binding(ns, "fixed", "ClusterRole", "view")).create();

        KubernetesClientException failure =
                failure(() -> client.resource(binding(ns, "fixed", "ClusterRole", "cluster-admin"))
                        .fieldManager("one")
                        .forceConflicts()
                        .serverSideApply());

        assertThat(failure.getCode()).isEqualTo(422);
        assertThat(failure.getStatus().getMessage()).contains("cannot change roleRef");
    }

    /** Since 1.28; before that the path is not there. */
    @Test
    public void selfReviewTellsWhoOneIsOrIsUnknown() {
        String ns = namespace();
        KubernetesClient robot = robot(ns, rule("", "configmaps", "get"));
        String path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        Map<String, String> review = Map.of("apiVersion", "authentication.k8s.io/v1", "kind", "SelfSubjectReview");
        int minor = Integer.parseInt(client.getKubernetesVersion().getMinor().replaceAll("[^0-9]", ""));

        if (minor >= 28) {
            assertThat(robot.raw(path, "POST", review)).contains("system:serviceaccount:" + ns + ":robot");
        } else {
            // rights are looked at before the path: only who may do everything learns that there is nothing
            assertThat(failure(() -> robot.raw(path, "POST", review)).getCode()).isEqualTo(403);
            assertThat(failure(() -> client.raw(path, "POST", review)).getCode())
                    .isEqualTo(404);
        }
    }

    @Test
    public void unknownTokenIsUnauthorized() {
        KubernetesClient stranger = client(ConformanceSuite.subject().bearer("no-token-at-all"));

        assertThat(failure(() -> stranger.namespaces().list()).getCode()).isEqualTo(401);
    }

    @Test
    public void aServiceIsReachedThroughTheServerAndSaysWhatIsMissing() {
        String namespace = emptyNamespace();
        client.resource(io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                        "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"empty\", \"namespace\": \""
                                + namespace + "\"}, \"spec\": {\"selector\": {\"a\": \"none\"},"
                                + " \"ports\": [{\"port\": 8088, \"protocol\": \"TCP\"}]}}",
                        io.fabric8.kubernetes.api.model.Service.class))
                .create();
        String services = "/api/v1/namespaces/" + namespace + "/services/";

        until("told that nothing is behind it", () -> {
            KubernetesClientException none = failure(() -> once(services + "empty:8088/proxy/v1/info"));
            return none.getCode() == 503 && none.getMessage().contains("no endpoints available for service");
        });
        assertThat(failure(() -> once(services + "missing:8088/proxy/v1/info")).getCode())
                .isEqualTo(404);
    }

    /** Without the client's own retries. */
    private void once(String path) {
        client.adapt(NamespacedKubernetesClient.class)
                .withRequestConfig(new RequestConfigBuilder()
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .call(single -> single.raw(path, "POST", "{}"));
    }
}
