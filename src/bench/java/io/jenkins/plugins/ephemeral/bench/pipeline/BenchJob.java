package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.model.Cause;
import hudson.model.CauseAction;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Job;
import hudson.model.TopLevelItem;
import hudson.scm.SCM;
import java.io.File;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import jenkins.triggers.SCMTriggerItem;

/** A Pipeline job: a Jenkinsfile, and a directory that stands for the revision it was found in. */
public final class BenchJob extends Job<BenchJob, BenchRun> implements TopLevelItem, SCMTriggerItem {
    private transient TreeMap<Integer, BenchRun> runs = new TreeMap<>();
    private volatile String jenkinsfile;
    private volatile File revision;

    BenchJob(ItemGroup<?> parent, String name, String jenkinsfile) {
        super(parent, name);
        this.jenkinsfile = jenkinsfile;
    }

    /** Reads the builds back, oldest first. */
    @Override
    public void onLoad(ItemGroup<? extends Item> group, String itemName) throws IOException {
        super.onLoad(group, itemName);
        runs = new TreeMap<>();
        nextBuildNumber = 1;
        File[] directories = getBuildDir().listFiles(f -> new File(f, "build.xml").exists());
        for (File d : directories == null ? new File[0] : directories) {
            BenchRun run = new BenchRun(this, d);
            runs.put(run.getNumber(), run);
        }
        runs.values().forEach(BenchRun::loaded);
        nextBuildNumber = runs.isEmpty() ? 1 : runs.lastKey() + 1;
    }

    /** Starts a build, as a person does. */
    public BenchRun start(Map<String, ?> parameters) throws IOException {
        BenchRun run;
        synchronized (this) {
            run = new BenchRun(this, parameters);
            runs.put(run.getNumber(), run);
        }
        run.addAction(new CauseAction(new Cause.UserIdCause("admin")));
        run.begin();
        return run;
    }

    public String getJenkinsfile() {
        return jenkinsfile;
    }

    public void setJenkinsfile(String jenkinsfile) throws IOException {
        this.jenkinsfile = jenkinsfile;
        save();
    }

    /** The directory whose content {@code checkout scm}, {@code readTrusted} and SCM file systems show, or null. */
    public File getRevision() {
        return revision;
    }

    public void setRevision(File revision) throws IOException {
        this.revision = revision;
        save();
    }

    @Override
    public Item asItem() {
        return this;
    }

    @Override
    public Collection<? extends SCM> getSCMs() {
        return revision == null ? List.of() : List.of(new BenchScm(revision));
    }

    @Override
    protected synchronized SortedMap<Integer, BenchRun> _getRuns() {
        return new TreeMap<>(runs);
    }

    @Override
    protected synchronized void removeRun(BenchRun run) {
        runs.remove(run.getNumber());
    }

    @Override
    public boolean isBuildable() {
        return true;
    }
}
