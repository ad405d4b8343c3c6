package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A controller, its builds and jobs, its cluster, and everything that may happen to them; what is done is noted. */
final class History implements AutoCloseable {
    static final Duration TTL = Duration.ofHours(2);

    final EmbeddedCluster cluster = EmbeddedCluster.start();
    final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    final VirtualTime time = new VirtualTime();
    final KnownBuilds known = new KnownBuilds();
    final List<ModelBuild> builds = new ArrayList<>();
    final List<String> jobs = new ArrayList<>(List.of("shop/web/PR-1", "shop/web/PR-2", "shop/api/main", "nightly"));
    final List<String> actions = new ArrayList<>();
    final Random random;
    EnvironmentRig rig;
    boolean outage;
    private final Path folder;
    private Path home;
    private Path backup;
    private int copies;
    private int numbers;
    private int aborted;
    private CountedDeath death = new CountedDeath(0);

    History(long seed, Path folder) throws IOException {
        this.random = new Random(seed);
        this.folder = folder;
        this.home = Files.createDirectories(folder.resolve("home"));
        namespace("jenkins");
        begin();
    }

    @Override
    public void close() {
        rig.close();
        admin.close();
        cluster.close();
    }

    void note(String action) {
        actions.add(action);
    }

    private void namespace(String name) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    /** A life of the controller; the builds that ask go on asking. */
    private void begin() {
        death = new CountedDeath(0);
        CountedDeath mine = death;
        rig = new EnvironmentRig(cluster.config(), home, new Outside(mine), clock, time.driver(), known);
        rig.limit(100_000, 100_000);
        rig.service.start(List.of());
        builds.stream().filter(ModelBuild::isWaiting).forEach(this::ask);
        builds.stream().filter(build -> build.held != null).forEach(this::renew);
    }

    private void ask(ModelBuild build) {
        EnvironmentRig here = rig;
        here.driver.drive(
                build.toString(),
                here.service.provision(build.base, build.spec, build.run(), ModelBuild.NODE, Console.NONE),
                Duration.ofDays(1),
                Console.NONE,
                new Drive.Listener<NamespaceRef>() {
                    @Override
                    public void done(NamespaceRef environment) {
                        if (here == rig && builds.contains(build)) {
                            build.held = environment;
                            build.renewedAt = clock.instant();
                        }
                    }

                    @Override
                    public void failed(Throwable failure) {
                        if (here == rig && !death.isDead()) {
                            build.failure = failure;
                        }
                    }
                });
    }

    void start() {
        String job = any(jobs);
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.ttl = TTL;
        spec.keepOnFailure = random.nextInt(4) == 0;
        if (random.nextInt(3) > 0) {
            spec.lifetime = Lifetime.BRANCH;
            spec.concurrency = Concurrency.values()[random.nextInt(3)];
            spec.quota.put("pods", String.valueOf(10 + random.nextInt(2)));
            spec.serviceAccount = random.nextInt(12) == 0 ? "another" : "ephemeral";
        }
        numbers++;
        ModelBuild build = new ModelBuild(
                job,
                numbers,
                spec,
                rig.service.nameFor(spec, new ModelBuild(job, numbers, spec, "").run(), ModelBuild.NODE));
        note("start " + build);
        builds.add(build);
        ask(build);
    }

    /** The build's block ends, as often as somebody presses the button. */
    void end(ModelBuild build, Ending ending, int times) {
        note(ending + " x" + times + " of " + build);
        builds.remove(build);
        known.over.add(build.run()); // also if the release is cut short
        String name = build.held == null ? build.base : build.held.environment();
        for (int i = 0; i < times; i++) {
            rig.service.release(name, build.run(), ModelBuild.NODE, ending, Console.NONE);
        }
    }

    /** Its program is lost: nothing is said to anybody. */
    void lose(ModelBuild build) {
        note("lose " + build);
        builds.remove(build);
        known.over.add(build.run());
        restart(); // which is how programs get lost
    }

    void restart() {
        note("restart");
        rig.close();
        begin();
    }

    /** Dies in one of the next outside calls. */
    void kill() {
        note("kill");
        death.in(1 + random.nextInt(6));
    }

    boolean isDead() {
        return death.isDead();
    }

    /** Whether it is about to. */
    boolean isDying() {
        return death.isArmed();
    }

    /** Aborts that were asked for by newer builds. */
    void abortTheAborted() {
        for (; aborted < known.aborted.size(); aborted++) {
            int next = aborted;
            builds.stream()
                    .filter(build -> build.run().equals(known.aborted.get(next)))
                    .findFirst()
                    .ifPresent(build -> end(build, Ending.ABORTED, 1));
        }
    }

    void renew(ModelBuild build) {
        rig.service.renew(build.held.environment());
        build.renewedAt = clock.instant();
    }

    void renewAll() {
        builds.stream().filter(build -> build.held != null).forEach(this::renew);
    }

    void jump(Duration by) {
        note("clock " + by);
        clock.forward(by);
        if (random.nextInt(5) > 0) {
            renewAll();
        }
    }

    void reap() {
        note("reap");
        Instant now = clock.instant();
        for (ModelBuild build : builds) {
            boolean late = build.renewedAt != null
                    && build.renewedAt.plus(TTL.multipliedBy(9).dividedBy(10)).isBefore(now);
            build.excused |= late;
        }
        rig.service.reap();
    }

    void rename(String job) {
        String name = "moved" + numbers + "/" + job.substring(job.lastIndexOf('/') + 1);
        note("rename " + job + " to " + name);
        jobs.set(jobs.indexOf(job), name);
        Builds.Job state = known.jobs.remove(job);
        if (state != null) {
            known.jobs.put(name, state);
        }
        builds.stream().filter(build -> build.job.equals(job)).forEach(build -> build.job = name);
        rig.service.jobs().moved(job, name);
    }

    /** And another one of its name is made. */
    void delete(String job) {
        note("delete " + job);
        builds.stream().filter(build -> build.job.equals(job)).forEach(build -> known.over.add(build.run()));
        builds.removeIf(build -> build.job.equals(job));
        rig.service.jobs().deleted(job, clock.instant());
    }

    void closePullRequest(String job) {
        note("close " + job);
        known.jobs.put(job, Builds.Job.DEAD);
        rig.service.jobs().rumour(job);
    }

    void reopenPullRequest(String job) {
        note("reopen " + job);
        known.jobs.put(job, Builds.Job.ALIVE);
    }

    void person() {
        List<EnvironmentRecord> records = rig.service.all();
        if (records.isEmpty()) {
            return;
        }
        String name = any(records).name;
        note("person ends " + name);
        builds.stream()
                .filter(build -> build.held != null && build.held.environment().equals(name))
                .forEach(build -> build.excused = true);
        rig.service.release(name, null, Ending.PERSON, Console.NONE);
    }

    void outage(boolean begins) {
        note(begins ? "outage" : "outage ends");
        outage = begins;
        if (begins) {
            cluster.faults().on("*", ".*").status(503);
        } else {
            cluster.faults().clear();
        }
    }

    void backUp() throws IOException {
        note("backup");
        backup = copy(home);
        clock.forward(Duration.ofSeconds(1));
        reap(); // the original lives on, and renews
    }

    /** A copy of the home is started beside the original: it has to keep its hands off. */
    void startTheCopy() throws IOException {
        if (backup == null) {
            return;
        }
        note("a copy is started beside the original");
        try (EnvironmentRig other = new EnvironmentRig(
                cluster.config(), copy(backup), new Outside(), clock, time.driver(), new KnownBuilds())) {
            other.limit(100_000, 100_000);
            other.service.start(List.of());
            other.service.reap();
            if (other.service.tenures().contested().isEmpty()) {
                throw new AssertionError("the copy does not see the original");
            }
            other.service.all().forEach(record -> other.service.end(record.name, Ending.PERSON, Console.NONE));
            time.advance(Duration.ofSeconds(5));
            other.service.reap();
        }
    }

    /** The home is lost, and an older one takes its place: what builds of today hold is unknown to it. */
    void restore() throws IOException {
        if (backup == null) {
            return;
        }
        note("an older home is restored");
        rig.close();
        home = copy(backup);
        builds.forEach(build -> known.over.add(build.run()));
        builds.clear();
        begin();
        clock.forward(Duration.ofHours(4)); // the Lease of the lost life runs out
        reap();
        clock.forward(Duration.ofHours(4));
        reap();
    }

    private Path copy(Path from) throws IOException {
        Path to = Files.createDirectories(folder.resolve("copy" + copies++));
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        return to;
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** All namespaces; a server that has just come back may need a moment. */
    List<Namespace> all() {
        try {
            return admin.namespaces().list().getItems(); // at once: a poll begins with a pause
        } catch (KubernetesClientException e) {
            note("not answered: " + e.getMessage());
        }
        return Awaitility.await("the server's answer")
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(10))
                .ignoreExceptions()
                .until(() -> admin.namespaces().list().getItems(), Objects::nonNull);
    }

    /** Uid of each namespace of this controller that is not on its way out, by name. */
    Map<String, String> namespaces() {
        Map<String, String> uids = new TreeMap<>();
        for (Namespace each : all()) {
            Map<String, String> labels = each.getMetadata().getLabels();
            boolean ours =
                    labels != null && EnvironmentRig.CONTROLLER.equals(labels.get("ephemeral.jenkins.io/controller"));
            if (ours && each.getMetadata().getDeletionTimestamp() == null) {
                uids.put(each.getMetadata().getName(), each.getMetadata().getUid());
            }
        }
        return uids;
    }
}
