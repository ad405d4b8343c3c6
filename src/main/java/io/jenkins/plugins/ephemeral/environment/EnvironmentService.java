package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.logging.Logger;

/** The environments of one controller: its registry, the drives that release what ended, and its reaper. */
public final class EnvironmentService implements Environments, AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(EnvironmentService.class.getName());

    private final String controllerId;
    private final Clusters clusters;
    private final Driver driver;
    private final Registry registry;
    private final Clock clock;
    private final Builds builds;
    private final Holding holding = new Holding(this);
    private final Reaper reaper = new Reaper(this);
    private final Map<String, Undoer> undoers = new ConcurrentHashMap<>();
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final Clearances clearances;
    private final SecretSources secretSources;
    private final Releases releases = new Releases(this);
    private final Placement placement = new Placement(this);
    private final RoomLine roomLine;
    private final Pool pool = new Pool(this);
    private final Rounds rounds;
    private final Jobs jobs = new Jobs(this);
    private final Tenures tenures;

    /**
     * Reads the records; nothing is done before {@link #start}.
     *
     * @param controllerId id of this controller
     * @param clusters where environments are made
     * @param driver what runs releases and the reaper; not closed here
     * @param outside the gate of outside calls
     * @param directory of the records; made if it is not there
     * @param reaperPeriodSeconds seconds between two rounds of the reaper, read before each
     * @param clock what deadlines go by
     * @param builds what Jenkins knows of builds and jobs
     * @param secretSources where Secrets come from
     */
    public EnvironmentService(
            String controllerId,
            Clusters clusters,
            Driver driver,
            Outside outside,
            Path directory,
            IntSupplier reaperPeriodSeconds,
            Clock clock,
            Builds builds,
            SecretSources secretSources) {
        this.secretSources = secretSources;
        this.controllerId = controllerId;
        this.clusters = clusters;
        this.driver = driver;
        this.registry = Registry.open(directory, outside);
        this.rounds = new Rounds(this, reaperPeriodSeconds);
        this.tenures = new Tenures(this, directory.resolve("leases"), outside);
        this.roomLine = new RoomLine(this, directory.resolve("waiting").resolve("room.json"), outside);
        this.clock = clock;
        this.builds = builds;
        this.clearances = new Clearances(clock);
    }

    /**
     * Takes up what an earlier life left: goes on with its releases, and begins the reaper's rounds. Environments that
     * expired while nobody could renew them live a few minutes more, until the builds that hold them have resumed.
     *
     * @param how what undoes obligations, one for each kind
     */
    public void start(Collection<? extends Undoer> how) {
        how.forEach(undoer -> undoers.put(undoer.kind(), undoer));
        rounds.start();
    }

    /** No more rounds and releases; what is under way is taken up by the next {@link #start}. */
    @Override
    public void close() {
        rounds.close();
        releases.close();
    }

    @Override
    public String nameFor(EnvironmentSpec spec, RunRef run, String nodeId) {
        if (spec.name != null && !spec.name.isEmpty()) {
            return spec.name;
        }
        return spec.lifetime == Lifetime.BRANCH
                ? Names.stable(spec.namePrefix, run)
                : Names.of(spec.namePrefix, run, nodeId);
    }

    @Override
    public Reconciler<NamespaceRef> provision(
            String base, EnvironmentSpec spec, RunRef run, String nodeId, Console console) {
        return new Provisioning(this, base, spec, run, nodeId, console);
    }

    @Override
    public Reconciler<EnvironmentPlan> plan(String base, EnvironmentSpec spec, RunRef run, Console console) {
        return new Planning(this, base, spec, run, console);
    }

    @Override
    public void release(String name, RunRef by, String nodeId, Ending ending, Console console) {
        if (by == null) {
            end(name, ending, console);
        } else {
            try {
                holding.letGo(name, by, nodeId, ending, console);
            } finally {
                roomLine.leave(by, nodeId);
            }
        }
    }

    /** Whoever holds it: it is over. */
    void end(String name, Ending ending, Console console) {
        Optional<EnvironmentRecord> ended = registry.change(name, changed -> {
            if (isLive(changed.state)) {
                changed.state = EnvironmentState.RELEASING;
                changed.ending = ending;
                changed.reason = null;
                changed.releasedAt = now();
            }
        });
        if (ended.isPresent()) {
            drive(name, console);
        }
    }

    @Override
    public Reconciler<EnvironmentRecord> awaitGone(String name, Console console) {
        return new AwaitGone(registry, name);
    }

    @Override
    public Optional<EnvironmentRecord> find(String name) {
        return registry.find(name);
    }

    @Override
    public boolean knows(String name) {
        return registry.knows(name);
    }

    @Override
    public List<EnvironmentRecord> all() {
        return registry.all();
    }

    @Override
    public void owe(String name, Obligation obligation) {
        registry.change(name, record -> record.owe(obligation))
                .orElseThrow(() -> new LostFault(
                        "Writing down what environment " + name + " owes", "", "there is no record of it", ""));
    }

    @Override
    public void settle(String name, Obligation obligation) {
        registry.change(name, record -> record.obligations.removeIf(obligation::isSame));
    }

    @Override
    public void renew(String name) {
        holding.renew(name);
    }

    Holding holding() {
        return holding;
    }

    @Override
    public void releaseNow(String name) {
        release(name, null, Ending.PERSON, Console.NONE);
    }

    @Override
    public void retry(String name) {
        boolean going =
                registry.find(name).filter(record -> !isLive(record.state)).isPresent();
        if (going) {
            releases.retry(name);
        }
    }

    @Override
    public boolean forget(String name) {
        if (registry.setAside(name)) {
            return true;
        }
        boolean given = registry.find(name)
                .filter(record ->
                        record.state == EnvironmentState.STUCK || record.state == EnvironmentState.UNREACHABLE)
                .isPresent();
        if (given) {
            LOGGER.warning(() -> "Environment " + name + " is forgotten, as a person asked");
            releases.stop(name);
            registry.remove(name);
        }
        return given;
    }

    @Override
    public Map<String, String> unreadable() {
        return registry.unreadable();
    }

    @Override
    public String status(String name) {
        return releases.status(name);
    }

    /** One round of the reaper, now. Never throws. */
    public void reap() {
        reaper.round();
    }

    Reaper reaper() {
        return reaper;
    }

    /** What is heard of jobs. */
    public Jobs jobs() {
        return jobs;
    }

    /** Whether another Jenkins with this one's id is at work. */
    public Tenures tenures() {
        return tenures;
    }

    /** How long one round of the reaper is away from the next, about. */
    Duration period() {
        return rounds.period();
    }

    /** Whether it is not on its way out. */
    static boolean isLive(EnvironmentState state) {
        return state == EnvironmentState.REQUESTED
                || state == EnvironmentState.PROVISIONING
                || state == EnvironmentState.READY;
    }

    /** Makes sure that the release of an environment is driven. */
    void drive(String name, Console console) {
        releases.drive(name, console);
    }

    /**
     * Takes an environment in hand: only one turn at a time works on it, so that what provisions cannot create after
     * what releases has looked.
     *
     * @return false if another turn has it
     */
    boolean take(String name) {
        return taken.add(name);
    }

    void give(String name) {
        taken.remove(name);
    }

    SecretSources secretSources() {
        return secretSources;
    }

    Clearances clearances() {
        return clearances;
    }

    Registry registry() {
        return registry;
    }

    Pool pool() {
        return pool;
    }

    Placement placement() {
        return placement;
    }

    RoomLine roomLine() {
        return roomLine;
    }

    Clusters clusters() {
        return clusters;
    }

    Cluster cluster(String name) {
        return clusters.cluster(name);
    }

    Builds builds() {
        return builds;
    }

    Driver driver() {
        return driver;
    }

    Optional<Undoer> undoer(String kind) {
        return Optional.ofNullable(undoers.get(kind));
    }

    Collection<Undoer> undoers() {
        return undoers.values();
    }

    String controllerId() {
        return controllerId;
    }

    Instant now() {
        return clock.instant();
    }
}
