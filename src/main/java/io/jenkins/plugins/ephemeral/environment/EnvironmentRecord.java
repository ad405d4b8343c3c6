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
    public int formatVersion = 1;

    /** Name of the environment: key of the record, name of the namespace. */
    public String name;

    /** Name of the cluster it was placed in. */
    public String cluster;

    /** Why it was placed there, a sentence for people; empty where there was no choice. */
    public String placement = "";

    /** UID of the namespace; null until it was created or read back. */
    public String uid;

    /** Where it is in its life. */
    public EnvironmentState state = EnvironmentState.REQUESTED;

    /** Why it is in that state, a sentence for people; null if there is nothing to say. */
    public String reason;

    /** The build it was made for: controller id. */
    public String controllerId;

    /** The build it was made for: full name of its job. */
    public String jobFullName;

    /** The build it was made for: its number. */
    public int buildNumber;

    /** The build it was made for: its URL, or empty. */
    public String runUrl = "";

    /** What was asked for. */
    public EnvironmentSpec spec = new EnvironmentSpec();

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

    /** What has to be undone before the namespace goes, in the order in which it was taken on. */
    public List<Obligation> obligations = new ArrayList<>();

    /** The build it belongs to. */
    public RunRef run() {
        return new RunRef(controllerId, jobFullName, buildNumber, runUrl);
    }

    /** Its identity, once the UID is known. */
    public NamespaceRef ref() {
        return new NamespaceRef(name, cluster, name, uid);
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
