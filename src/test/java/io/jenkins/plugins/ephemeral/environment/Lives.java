package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lives of one controller, cut short and followed by another one, on any server. */
final class Lives implements AutoCloseable {
    private static final String ANOTHER = "of-another-";
    private static final String SOURCE = ANOTHER + "team";
    private static final String VALUE = "s3cr3t-v4lue";

    private final Config jenkins;
    private final KubernetesClient admin;
    /** What there is in the control plane, which outlives the controller. */
    private final Set<String> agents = ConcurrentHashMap.newKeySet();

    /** What each build asks for. */
    private final EnvironmentSpec spec = new EnvironmentSpec();

    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final Logger log = Logger.getLogger("io.jenkins.plugins.ephemeral.environment");
    private final Map<String, String> neighbours;

    /**
     * @param admin may do everything
     * @param jenkins whom the controller is there
     */
    Lives(Config admin, Config jenkins) {
        this.admin = new KubernetesClientBuilder().withConfig(admin).build();
        this.jenkins = jenkins;
        // each death would be a warning with a stack trace
        log.setLevel(Level.OFF);
        neighbour(ANOTHER + "team", Map.of());
        neighbour(
                ANOTHER + "controller",
                Map.of(
                        "app.kubernetes.io/managed-by", "ephemeral-environments",
                        "ephemeral.jenkins.io/controller", "another",
                        "ephemeral.jenkins.io/environment", ANOTHER + "controller"));
        neighbour(
                ANOTHER + "tool",
                Map.of(
                        "app.kubernetes.io/managed-by",
                        "Helm",
                        "ephemeral.jenkins.io/controller",
                        EnvironmentRig.CONTROLLER));
        await().until(() -> versions().size() == 3);
        neighbours = versions();
    }

    @Override
    public void close() {
        log.setLevel(null);
        neighbours.keySet().forEach(each -> admin.namespaces().withName(each).delete());
        admin.close();
    }

    /** Each build asks for Secrets and a kubeconfig from now on. */
    void askForSecrets() {
        admin.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("database")
                        .withNamespace(SOURCE)
                        .endMetadata()
                        .addToStringData("password", VALUE)
                        .build())
                .create();
        SecretSpec copied = new SecretSpec();
        copied.name = "database";
        copied.from = SOURCE;
        SecretSpec made = new SecretSpec();
        made.name = "made";
        made.credentialsId = "made";
        made.as = "opaque";
        spec.secrets.addAll(List.of(copied, made));
        spec.kubeconfig = true;
    }

    /** What a build does with an environment that it has. */
    private void use(EnvironmentRig rig, NamespaceRef ref) {
        if (spec.kubeconfig) {
            rig.clusters.cluster(ref.cluster()).kubeconfig(ref.namespace(), spec.serviceAccount, Duration.ofHours(1));
            assertThat(admin.secrets().inNamespace(ref.namespace()).list().getItems().stream()
                            .map(each -> each.getMetadata().getName()))
                    .contains("database", "made");
        }
    }

    /** Gives the controller a place for its Lease. */
    void guard() {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("jenkins")
                        .endMetadata()
                        .build())
                .create();
    }

    void forgetLease() {
        admin.leases()
                .inNamespace("jenkins")
                .withLabel("ephemeral.jenkins.io/controller", EnvironmentRig.CONTROLLER)
                .delete();
    }

    /** The build is lost, and its environment expires. */
    void lost(EnvironmentRig rig, int build) {
        clock.forward(Duration.ofHours(3));
        rig.service.reap();
    }

    /** The build resumes, as a step does: it provisions on, if it had not begun to release. */
    void resumed(EnvironmentRig rig, int build) {
        EnvironmentRecord record = rig.service.find(name(rig, build)).orElse(null);
        if (record != null && EnvironmentService.isLive(record.state)) {
            NamespaceRef ref = rig.provision(spec, build);
            assertThat(ours()).containsExactly(ref.namespace());
            takeOn(rig, new Outside(), ref);
            use(rig, ref);
        }
        rig.service.release(name(rig, build), EnvironmentRig.run(build), Ending.SUCCESS, Console.NONE);
    }

    /** What happens after the death. */
    interface NextLife {
        void live(EnvironmentRig rig, int build);
    }

    /** One life, then the next one on the same disk: what must hold then, and that nothing is left in the end. */
    void dieAndLiveOn(Path home, KillSwitch kill, int build, NextLife next) throws Exception {
        liveUntilKilled(home, kill, build);
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file)).as(file + ", " + kill).doesNotContain(VALUE);
            }
        }
        assertThat(ours()).as(kill.toString()).hasSizeLessThanOrEqualTo(1);
        try (EnvironmentRig rig = rig(home, new Outside())) {
            rig.service.start(List.of(undoer(new Outside())));
            rig.service.reap();
            List<EnvironmentRecord> records = rig.service.all();
            assertThat(records.stream().map(record -> record.name))
                    .as("records, " + kill)
                    .containsAll(ours());
            assertThat(records.stream()
                            .flatMap(record -> record.obligations.stream())
                            .map(obligation -> obligation.key))
                    .as("obligations, " + kill)
                    .containsAll(agents);
            next.live(rig, build);
            await("all gone, " + kill)
                    .atMost(EnvironmentRig.BOUND)
                    .until(() -> rig.service.all().isEmpty() && ours().isEmpty() && agents.isEmpty());
            assertThat(home.toFile().list((folder, each) -> !each.equals("leases")))
                    .as(kill.toString())
                    .isEmpty();
            assertThat(versions()).as(kill.toString()).isEqualTo(neighbours);
        }
    }

    /** @return whether it lived to the end */
    boolean liveUntilKilled(Path home, KillSwitch kill, int build) throws Exception {
        Outside outside = new Outside(kill);
        EnvironmentRig rig;
        try {
            rig = rig(home, outside);
        } catch (KillSwitch.Killed e) {
            return false;
        }
        try {
            rig.service.start(List.of(undoer(outside)));
            CompletableFuture<NamespaceRef> ready =
                    rig.begin(rig.service.provision(name(rig, build), spec, EnvironmentRig.run(build), Console.NONE));
            await().atMost(EnvironmentRig.BOUND).until(() -> kill.isDead() || ready.isDone());
            if (kill.isDead()) {
                return false;
            }
            takeOn(rig, outside, ready.get(1, TimeUnit.SECONDS));
            use(rig, ready.get(1, TimeUnit.SECONDS));
            rig.service.release(name(rig, build), EnvironmentRig.run(build), Ending.SUCCESS, Console.NONE);
            await().atMost(EnvironmentRig.BOUND)
                    .until(() -> kill.isDead() || rig.service.all().isEmpty());
            return !kill.isDead();
        } catch (KillSwitch.Killed e) {
            return false;
        } finally {
            rig.close();
        }
    }

    /** Makes something outside the cluster, as the agent room does: written down first. */
    private void takeOn(EnvironmentRig rig, Outside outside, NamespaceRef ref) {
        Obligation obligation = new Obligation();
        obligation.kind = "test-agent";
        obligation.key = "agent-of-" + ref.environment();
        rig.service.owe(ref.environment(), obligation);
        through(outside, "creating Agent", () -> agents.add(obligation.key));
    }

    private Undoer undoer(Outside outside) {
        return new Undoer() {
            @Override
            public String kind() {
                return "test-agent";
            }

            @Override
            public Progress<Void> undo(EnvironmentRecord environment, Obligation obligation, Console console) {
                through(outside, "deleting Agent", () -> agents.remove(obligation.key));
                return Progress.done(null);
            }
        };
    }

    private static void through(Outside outside, String point, Runnable call) {
        try {
            outside.call(point, () -> {
                call.run();
                return null;
            });
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private EnvironmentRig rig(Path home, Outside outside) {
        EnvironmentRig rig = new EnvironmentRig(jenkins, home, outside, clock);
        rig.secretSource = new SecretSources() {
            @Override
            public boolean isOpen(String namespace) {
                return namespace.equals(SOURCE);
            }

            @Override
            public SecretContent credential(RunRef run, SecretSpec wanted) {
                return SecretContent.of(SecretContent.OPAQUE, Map.of("text", VALUE));
            }
        };
        return rig;
    }

    private String name(EnvironmentRig rig, int build) {
        return rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
    }

    private Set<String> ours() {
        return admin
                .namespaces()
                .withLabel("ephemeral.jenkins.io/controller", EnvironmentRig.CONTROLLER)
                .withLabel("app.kubernetes.io/managed-by", "ephemeral-environments")
                .list()
                .getItems()
                .stream()
                .map(each -> each.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    /** The neighbours, each with what changes when anybody touches it. */
    private Map<String, String> versions() {
        Map<String, String> versions = new LinkedHashMap<>();
        for (Namespace each : admin.namespaces().list().getItems()) {
            if (each.getMetadata().getName().startsWith(ANOTHER)) {
                versions.put(
                        each.getMetadata().getName(),
                        each.getMetadata().getUid() + ' ' + each.getMetadata().getResourceVersion());
            }
        }
        return versions;
    }

    private void neighbour(String name, Map<String, String> labels) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
    }
}
