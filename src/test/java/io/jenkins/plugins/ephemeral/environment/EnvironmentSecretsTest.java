package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Secrets come from where they may, arrive with their values, follow a change, and leave no trace of a value. */
public class EnvironmentSecretsTest {
    private static final String VALUE = "s3cr3t-v4lue";

    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final Map<String, SecretContent> credentials = new ConcurrentHashMap<>();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private EnvironmentRig rig;

    @Before
    public void start() throws IOException {
        rig = new EnvironmentRig(
                cluster.config(cluster.rights().token("jenkins")),
                home.getRoot().toPath(),
                new Outside(),
                new EnvironmentRig.Shifted());
        rig.secretSource = new SecretSources() {
            @Override
            public boolean isOpen(String namespace) {
                return namespace.equals("shared");
            }

            @Override
            public SecretContent credential(RunRef run, SecretSpec wanted) {
                return credentials.get(wanted.credentialsId);
            }
        };
        rig.client
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("shared")
                        .endMetadata()
                        .build())
                .create();
        source("Opaque", Map.of("password", VALUE));
        rig.service.start(List.of());
    }

    @After
    public void stop() {
        rig.close();
        cluster.close();
    }

    private void source(String type, Map<String, String> texts) {
        rig.client
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("database")
                        .withNamespace("shared")
                        .endMetadata()
                        .withType(type)
                        .withData(SecretContent.of(type, texts).data())
                        .build())
                .createOr(io.fabric8.kubernetes.client.dsl.NonDeletingOperation::update);
    }

    private static SecretSpec copy() {
        SecretSpec secret = new SecretSpec();
        secret.name = "database";
        secret.from = "shared";
        return secret;
    }

    private static SecretSpec credential(String id, String as) {
        SecretSpec secret = new SecretSpec();
        secret.name = id;
        secret.credentialsId = id;
        secret.as = as;
        return secret;
    }

    private Secret secret(NamespaceRef ref, String name) {
        return rig.client.secrets().inNamespace(ref.namespace()).withName(name).get();
    }

    private static String value(Secret secret, String key) {
        return new String(Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
    }

    @Test
    public void copiesAndCredentialsArriveAndLeaveNoTrace() throws IOException {
        credentials.put("pull", SecretContent.of(SecretContent.DOCKER, Map.of(".dockerconfigjson", "{\"auths\":{}}")));
        credentials.put("token", SecretContent.of(SecretContent.OPAQUE, Map.of("text", VALUE)));
        spec.secrets = List.of(copy(), credential("pull", "dockerconfigjson"), credential("token", "opaque"));
        NamespaceRef ref = rig.provision(spec, 1);

        assertThat(value(secret(ref, "database"), "password")).isEqualTo(VALUE);
        assertThat(value(secret(ref, "token"), "text")).isEqualTo(VALUE);
        assertThat(secret(ref, "pull").getType()).isEqualTo(SecretContent.DOCKER);
        assertThat(secret(ref, "database").getMetadata().getLabels())
                .containsEntry("ephemeral.jenkins.io/environment", ref.environment());
        for (String account : List.of("ephemeral", "default")) {
            assertThat(rig.client
                            .serviceAccounts()
                            .inNamespace(ref.namespace())
                            .withName(account)
                            .get()
                            .getImagePullSecrets())
                    .extracting("name")
                    .containsExactly("pull");
        }
        assertNoTrace();
    }

    /** In no record, no line of the console, no annotation of the Secret. */
    private void assertNoTrace() throws IOException {
        String encoded = Base64.getEncoder().encodeToString(VALUE.getBytes(StandardCharsets.UTF_8));
        StringBuilder all = new StringBuilder(String.join("\n", rig.said));
        try (Stream<Path> files = Files.walk(home.getRoot().toPath())) {
            for (Path file : files.filter(Files::isRegularFile).collect(Collectors.toList())) {
                all.append(Files.readString(file));
            }
        }
        assertThat(all.toString()).contains("database").doesNotContain(VALUE, encoded);
        assertThat(credentials.toString()).doesNotContain(VALUE, encoded);
    }

    @Test
    public void onlyNamespacesThatAreOpenCanBeCopiedFrom() {
        SecretSpec secret = copy();
        secret.from = "kube-system";
        spec.name = "refused";
        cluster.requests().clear();
        spec.secrets = List.of(secret);
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter secrets")
                .hasMessageContaining("may not be copied from namespace kube-system");
        assertThat(rig.client.namespaces().withName(spec.name).get()).isNull();
        assertThat(cluster.requests().all()).noneMatch(call -> call.toString().contains("secrets"));
    }

    @Test
    public void oneThatIsMissing() {
        SecretSpec missing = copy();
        missing.name = "nothing";
        spec.secrets = List.of(missing);
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("copying Secret (dev/shared/nothing)");
    }

    @Test
    public void aRightThatIsMissingAtTheSourceIsNamed() {
        spec.secrets = List.of(copy());
        cluster.rights().deny("jenkins", "get", "secrets");
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("the verb get on secrets");
    }

    @Test
    public void aChangedValueArrivesWithTheNextBuildOfTheBranch() {
        spec.lifetime = Lifetime.BRANCH;
        credentials.put("token", SecretContent.of(SecretContent.OPAQUE, Map.of("text", "before")));
        spec.secrets = List.of(copy(), credential("token", "opaque"));
        NamespaceRef first = use(1);
        credentials.put("token", SecretContent.of(SecretContent.OPAQUE, Map.of("text", "after")));
        source("Opaque", Map.of("user", "me"));
        NamespaceRef second = use(2);

        assertThat(second).usingRecursiveComparison().isEqualTo(first);
        assertThat(value(secret(second, "token"), "text")).isEqualTo("after");
        assertThat(secret(second, "database").getData()).containsOnlyKeys("user");
    }

    private NamespaceRef use(int build) {
        NamespaceRef ref = rig.get(rig.service.provision("branch", spec, EnvironmentRig.run(build), "", rig.said::add));
        rig.service.release(ref.environment(), EnvironmentRig.run(build), Ending.SUCCESS, Console.NONE);
        return ref;
    }

    @Test
    public void aDryRunShowsNamesOnly() {
        spec.secrets = List.of(copy());
        cluster.requests().clear();
        EnvironmentPlan plan = rig.get(rig.service.plan("plan", spec, EnvironmentRig.run(1), rig.said::add));
        assertThat(plan.objects).contains("Secret/database");
        assertThat(plan.yaml).contains("kind: \"Secret\"").doesNotContain("\ndata:");
        assertThat(cluster.requests().all()).noneMatch(call -> call.toString().contains("secrets"));
    }

    @Test
    public void whatIsWrongIsSaidFirst() {
        for (String as : new String[] {"yaml", null}) {
            spec.secrets = List.of(credential("token", as));
            assertThatThrownBy(() -> SpecValidation.check(spec)).hasMessageContaining("as '" + as + "' will not do");
        }
        spec.secrets = List.of(copy(), copy());
        assertThatThrownBy(() -> SpecValidation.check(spec)).hasMessageContaining("the name database is taken");
        spec.secrets = List.of(credential("testkube-agent", "opaque"));
        assertThatThrownBy(() -> SpecValidation.check(spec)).hasMessageContaining("the name testkube-agent is taken");
        spec.secrets = List.of(credential("", "opaque"));
        assertThatThrownBy(() -> SpecValidation.check(spec)).hasMessageContaining("parameter secrets");
    }
}
