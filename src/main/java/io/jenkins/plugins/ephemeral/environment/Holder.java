package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Instant;

/** A block of a build that holds an environment or waits for it. Part of the record: a plain bean. */
public final class Holder {
    /** Full name of the build's job. */
    public String jobFullName;

    /** Number of the build. */
    public int buildNumber;

    /** URL of the build, or empty. */
    public String runUrl = "";

    /** Id of the block's flow node. */
    public String nodeId = "";

    /** Since when it holds it or waits. */
    public Instant since;

    /** Whether it holds it together with others. */
    public boolean sharing;

    static Holder of(RunRef run, String nodeId, boolean sharing, Instant since) {
        Holder holder = new Holder();
        holder.jobFullName = run.jobFullName();
        holder.buildNumber = run.buildNumber();
        holder.runUrl = run.url();
        holder.nodeId = nodeId;
        holder.sharing = sharing;
        holder.since = since;
        return holder;
    }

    /** The build. */
    public RunRef run(String controllerId) {
        return new RunRef(controllerId, jobFullName, buildNumber, runUrl);
    }

    /** Whether this is that block; an empty id stands for any block of the build. */
    boolean is(RunRef run, String node) {
        return of(run) && (node.isEmpty() || node.equals(nodeId));
    }

    /** Whether it is a block of that build. */
    boolean of(RunRef run) {
        return jobFullName.equals(run.jobFullName()) && buildNumber == run.buildNumber();
    }

    @Override
    public String toString() {
        return jobFullName + '#' + buildNumber;
    }
}
