package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What is written down about an environment before anything of it exists, so that it can be found and deleted again.
 * One JSON file each, format {@link #formatVersion}. A plain bean; copies are handed out, the registry keeps the truth.
 */
public final class EnvironmentRecord {
    /** Version of this format; readers take older ones too. */
    public int formatVersion = Registry.FORMAT_VERSION;

    /** Name of the environment: key of the record, name of the namespace. */
    public String name;

    /** Name that was asked for; {@link #name} is it, or with the number of a generation. */
    public String base;

    /** Name of the cluster it was placed in. */
    public String cluster;

    /** Name of the namespace that was leased for it from a pool; null where it has one of its own, of its name. */
    public String leased;

    /** Why it was placed there, a sentence for people; empty where there was no choice. */
    public String placement = "";

    /** UID of the namespace; null until it was created or read back. */
    public String uid;

    /** Where it is in its life. */
    public EnvironmentState state = EnvironmentState.REQUESTED;

    /** Why it is in that state, a sentence for people; null if there is nothing to say. */
    public String reason;

    /** UID of the cluster (of its namespace kube-system); null if it could not be read. */
    public String clusterUid;

    /** The build it was made for, or that held it last: controller id. */
    public String controllerId;

    /** That build: full name of its job. */
    public String jobFullName;

    /** That build: its number. */
    public int buildNumber;

    /** That build: its URL, or empty. */
    public String runUrl = "";

    /** What was asked for. */
    public EnvironmentSpec spec = new EnvironmentSpec();

    /** What it was before, while a change is being applied; else null. */
    public EnvironmentSpec replaced;

    /** Hash of the spec and the owner, also written on the namespace. */
    public String specHash;

    /** When the record was written. */
    public Instant requestedAt;

    /** When it became usable; null until then. */
    public Instant readyAt;

    /** When it is deleted though nobody asked. */
    public Instant expiresAt;

    /** When the release began; null until then. */
    public Instant releasedAt;

    /** Why it began; null until then. */
    public Ending ending;

    /** Who holds it: one block, or several that share it. */
    public List<Holder> holders = new ArrayList<>();

    /** Who waits to hold it, in the order of their turns. */
    public List<Holder> queue = new ArrayList<>();

    /** Whether something was heard of the end of its branch or pull request: then the job is looked at before it ends. */
    public boolean rumoured;

    /** Names of those of {@code spec.secrets} that images are pulled with, found out by reading them. */
    public List<String> secretsForPulling = new ArrayList<>();

    /** What has to be undone before the namespace goes, in the order in which it was taken on. */
    public List<Obligation> obligations = new ArrayList<>();

    /** Names of all Secrets that images are pulled with. */
    public List<String> pullSecrets() {
        List<String> all = new ArrayList<>(spec.imagePullSecrets);
        secretsForPulling.stream().filter(name -> !all.contains(name)).forEach(all::add);
        return all;
    }

    /** Whether that block holds it. */
    boolean isHeldBy(RunRef run, String nodeId) {
        return holders.stream().anyMatch(each -> each.is(run, nodeId));
    }

    /** Whether that block waits for it. */
    boolean isAwaitedBy(RunRef run, String nodeId) {
        return queue.stream().anyMatch(each -> each.is(run, nodeId));
    }

    /** Notes who holds it now. */
    void hold(Holder holder) {
        holders.add(holder);
        jobFullName = holder.jobFullName;
        buildNumber = holder.buildNumber;
        runUrl = holder.runUrl;
    }

    /** Takes a block off that held it or waited for it. */
    void letGo(RunRef run, String nodeId) {
        holders.removeIf(each -> each.is(run, nodeId));
        queue.removeIf(each -> each.is(run, nodeId));
    }

    /** Idle time ends then, unless it is renewed; never later than its greatest age allows. */
    Instant deadline(Instant now) {
        Instant idle = now.plus(spec.ttl);
        Instant last = spec.maxAge == null || requestedAt == null ? idle : requestedAt.plus(spec.maxAge);
        return last.isBefore(idle) ? last : idle;
    }

    /** The build it belongs to. */
    public RunRef run() {
        return new RunRef(controllerId, jobFullName, buildNumber, runUrl);
    }

    /** Its identity, once the UID is known. */
    public NamespaceRef ref() {
        return new NamespaceRef(name, cluster, namespace(), uid);
    }

    /** Name of its namespace. */
    String namespace() {
        return leased == null ? name : leased;
    }

    /** Takes an obligation on, or replaces the same one in its place: their order is that of undoing, reversed. */
    void owe(Obligation obligation) {
        for (int i = 0; i < obligations.size(); i++) {
            if (obligations.get(i).isSame(obligation)) {
                obligations.set(i, obligation);
                return;
            }
        }
        obligations.add(obligation);
    }
}
