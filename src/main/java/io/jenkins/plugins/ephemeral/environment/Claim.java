package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the record that a block of a build holds: a new one, or for a branch the one that is there, when it is its turn.
 * What was decided is in the records; made anew after a restart it finds it there, the place in the queue included.
 */
final class Claim implements Placement.Asker {
    private final EnvironmentService service;
    private final String base;
    private final EnvironmentSpec spec;
    private RunRef run;
    private final String nodeId;
    private final Console console;
    private final Holder me;
    private final String specHash;
    private String replacesIn;
    private final Set<Integer> aborted = new HashSet<>();
    private final Jobs.Moving moving;
    private String held;
    private boolean forRoom;
    private String lastSaid = "";

    Claim(EnvironmentService service, String base, EnvironmentSpec spec, RunRef run, String nodeId, Console console) {
        this.service = service;
        this.base = base;
        this.spec = spec;
        this.run = run;
        this.nodeId = nodeId;
        this.console = console;
        this.moving = service.jobs().follow(run);
        this.me = Holder.of(run, nodeId, spec.concurrency == Concurrency.SHARE, service.now());
        this.specHash = ofBranch()
                ? Names.hash(run.controllerId(), base, Registry.json(spec))
                : Names.hash(run.controllerId(), run.externalId(), Registry.json(spec));
    }

    /** Hash of what is asked for. */
    String specHash() {
        return specHash;
    }

    /** Whether it waits for a cluster to have room, not for those who hold the environment. */
    boolean waitsForRoom() {
        return forRoom;
    }

    /** What it waits for, as it was said last. */
    String status() {
        return lastSaid;
    }

    private boolean ofBranch() {
        return spec.lifetime == Lifetime.BRANCH;
    }

    /**
     * One attempt.
     *
     * @return the record that is held, or empty while others hold it or no cluster has room
     * @throws UserFault for a wrong specification, or a name that is taken for good
     * @throws LostFault if it was held and was released since
     */
    Optional<EnvironmentRecord> attempt() {
        run = moving.run();
        me.jobFullName = run.jobFullName();
        EnvironmentRecord record =
                held == null ? decided() : service.registry().find(held).orElseThrow(this::released);
        forRoom = record == null;
        if (forRoom) {
            return Optional.empty();
        }
        if (record.isHeldBy(run, nodeId)) {
            held = record.name;
            return Optional.of(stillThere(record));
        }
        if (held != null) {
            throw released();
        }
        await(record);
        return Optional.empty();
    }

    /** Goes to the next generation: the namespace of this name is still being taken away. */
    void moveOn(EnvironmentRecord record, String why) {
        synchronized (service.registry()) {
            EnvironmentRecord next = newRecord(
                    Generations.after(service.registry(), base, record.name), record.cluster, record.placement);
            service.registry().add(next);
            service.registry().remove(record.name);
            held = next.name;
        }
        console.line("Environment " + record.name + ": " + why + ". Taking the name " + held + " instead.");
    }

    /** Leaves a record behind that will not do any more: it is released, and a new one is held in its stead. */
    void startAnew(EnvironmentRecord record, Ending ending, String why) {
        Optional<String> placed;
        replacesIn = record.cluster;
        try {
            placed = service.placement().place(spec, run, this, (cluster, reason) -> next(record, cluster, reason));
        } finally {
            replacesIn = null;
        }
        if (placed.isEmpty()) {
            throw new QueuedFault(lastSaid, "", "", "", Placement.FULL_LOOK);
        }
        console.line("Environment " + record.name + ": " + why + ". It is released, and " + held + " made instead.");
        service.release(record.name, null, ending, Console.NONE);
    }

    private String next(EnvironmentRecord record, String cluster, String reason) {
        synchronized (service.registry()) {
            EnvironmentRecord next =
                    newRecord(Generations.after(service.registry(), base, record.name), cluster, reason);
            next.queue.addAll(record.queue);
            service.registry().add(next);
            service.registry().change(record.name, old -> {
                old.letGo(run, nodeId);
                old.queue.clear();
            });
            held = next.name;
            return held;
        }
    }

    @Override
    public String replacesIn() {
        return replacesIn;
    }

    /** @return what is held or waited for; null while no cluster has room */
    private EnvironmentRecord decided() {
        EnvironmentRecord there = decide();
        if (there != null) {
            // another build of the branch has got the room that this one waited for
            service.roomLine().leave(run, nodeId);
            return there;
        }
        // placement comes first of the two locks: it looks at the records itself
        return service.placement()
                .place(spec, run, this, (cluster, why) -> {
                    synchronized (service.registry()) {
                        EnvironmentRecord meanwhile = decide();
                        return meanwhile == null ? begin(cluster, why) : meanwhile;
                    }
                })
                .orElse(null);
    }

    @Override
    public String base() {
        return base;
    }

    @Override
    public Holder who() {
        return me;
    }

    @Override
    public void waits(String line) {
        if (!line.equals(lastSaid)) {
            console.line(line);
            lastSaid = line;
        }
    }

    /** @return what is held or waited for, or null if a new one is to be made */
    private EnvironmentRecord decide() {
        synchronized (service.registry()) {
            return decideAlone();
        }
    }

    private EnvironmentRecord decideAlone() {
        Optional<EnvironmentRecord> mine = mine();
        if (mine.isPresent()) {
            EnvironmentRecord record = mine.get();
            if (record.isHeldBy(run, nodeId)) {
                return record;
            }
            if (EnvironmentService.isLive(record.state)) {
                return takeTurn(record);
            }
            service.registry().change(record.name, gone -> gone.letGo(run, nodeId));
        }
        SpecValidation.check(spec);
        for (EnvironmentRecord record : live()) {
            if (record.isHeldBy(run, "") || record.isAwaitedBy(run, "")) {
                continue; // another block of this build that asked for the same name
            }
            if (ofBranch() && record.spec.lifetime == Lifetime.BRANCH) {
                return takeTurn(record);
            }
            if (!record.run().equals(run) || !record.holders.isEmpty()) {
                throw taken(record);
            }
            // adopted after its record was lost
            return service.registry().change(record.name, each -> each.hold(me)).orElseThrow();
        }
        return null;
    }

    private EnvironmentRecord begin(String cluster, String why) {
        EnvironmentRecord record = newRecord(Generations.next(service.registry(), base, 1), cluster, why);
        service.registry().add(record);
        service.registry()
                .all(each -> isSought(each) && !each.name.equals(record.name))
                .forEach(old -> console.line("Environment " + old.name + ": "
                        + (EnvironmentService.isLive(old.state)
                                ? "held by another block of this build"
                                : "still being taken away" + (old.reason == null ? "" : " (" + old.reason + ")"))
                        + "; not waiting for it."));
        console.line("Environment " + record.name + ": requested in cluster " + record.cluster
                + (why.isEmpty() ? "." : ": " + why + '.'));
        return record;
    }

    /** Whether it is what is asked for: by its name, or by its branch, whose job may have been renamed since. */
    private boolean isSought(EnvironmentRecord record) {
        boolean named = spec.name != null || record.spec.name != null;
        return base.equals(record.base)
                || ofBranch()
                        && !named
                        && record.spec.lifetime == Lifetime.BRANCH
                        && Objects.equals(record.spec.namePrefix, spec.namePrefix)
                        && record.jobFullName.equals(run.jobFullName());
    }

    /** What this block holds or waits for, what is held first. */
    private Optional<EnvironmentRecord> mine() {
        return service
                .registry()
                .all(each -> isSought(each) && (each.isHeldBy(run, nodeId) || each.isAwaitedBy(run, nodeId)))
                .stream()
                .max(Comparator.<EnvironmentRecord, Boolean>comparing(each -> EnvironmentService.isLive(each.state))
                        .thenComparing(each -> each.isHeldBy(run, nodeId)));
    }

    private List<EnvironmentRecord> live() {
        List<EnvironmentRecord> live = new ArrayList<>(
                service.registry().all(each -> isSought(each) && EnvironmentService.isLive(each.state)));
        live.sort(Comparator.comparing(each -> each.requestedAt));
        return live;
    }

    /** Joins the queue if it is not in it, and leaves it as holder if it is its turn. */
    private EnvironmentRecord takeTurn(EnvironmentRecord record) {
        return service.registry()
                .change(record.name, each -> {
                    if (!each.isAwaitedBy(run, nodeId)) {
                        each.queue.add(me);
                    }
                    boolean alike = each.spec.untrusted == spec.untrusted;
                    boolean free = each.holders.isEmpty()
                            || alike && me.sharing && each.holders.stream().allMatch(one -> one.sharing);
                    if (free && each.queue.get(0).is(run, nodeId)) {
                        each.queue.remove(0);
                        each.hold(me);
                        each.expiresAt = each.deadline(service.now());
                    }
                })
                .orElseThrow();
    }

    /** Says who holds it and how many come first, when that has changed; has older builds aborted if so asked. */
    private void await(EnvironmentRecord record) {
        int position = 0;
        while (position < record.queue.size() && !record.queue.get(position).is(run, nodeId)) {
            position++;
        }
        waits("Environment " + record.name + ": held by "
                + (record.holders.isEmpty()
                        ? "nobody"
                        : record.holders.toString().replaceAll("[\\[\\]]", ""))
                + "; waiting at position " + (position + 1) + " of " + record.queue.size() + '.');
        if (spec.concurrency == Concurrency.ABORT_OLDER) {
            record.holders.forEach(this::abort);
            record.queue.forEach(this::abort);
        }
        service.holding().lookAtBuilds(record);
    }

    private void abort(Holder other) {
        boolean older = other.jobFullName.equals(run.jobFullName()) && other.buildNumber < run.buildNumber();
        if (older && aborted.add(other.buildNumber)) {
            console.line("Aborting the older build " + other + '.');
            service.builds().abort(other.run(run.controllerId()), run);
        }
    }

    private EnvironmentRecord stillThere(EnvironmentRecord record) {
        if (!EnvironmentService.isLive(record.state)) {
            throw new LostFault(
                    "Provisioning the environment",
                    record.cluster + '/' + record.name,
                    "it is being taken away since " + record.releasedAt,
                    "");
        }
        return record;
    }

    private LostFault released() {
        return new LostFault("Provisioning the environment", held, "it was released in the meantime", "");
    }

    private UserFault taken(EnvironmentRecord record) {
        return new UserFault(
                "Provisioning the environment",
                record.cluster + '/' + record.name,
                "it belongs to " + record.run().externalId() + " and is in use",
                "Wait until it is gone, or choose another name.");
    }

    private EnvironmentRecord newRecord(String name, String cluster, String why) {
        EnvironmentRecord record = new EnvironmentRecord();
        record.name = name;
        record.base = base;
        record.cluster = cluster;
        record.placement = why;
        record.controllerId = run.controllerId();
        record.spec = spec;
        record.specHash = specHash;
        record.requestedAt = service.now();
        record.expiresAt = record.deadline(record.requestedAt);
        record.hold(me);
        return record;
    }
}
