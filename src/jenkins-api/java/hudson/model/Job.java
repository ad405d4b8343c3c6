package hudson.model;

import hudson.EnvVars;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;

/** Stand-in: something with builds. */
@SuppressWarnings("rawtypes")
public abstract class Job<JobT extends Job<JobT, RunT>, RunT extends Run<JobT, RunT>> extends AbstractItem {
    protected transient volatile int nextBuildNumber = 1;

    @SuppressWarnings("rawtypes")
    private ArrayList<JobProperty> properties;

    protected Job(ItemGroup<? extends Item> parent, String name) {
        super(parent, name);
    }

    protected abstract SortedMap<Integer, ? extends RunT> _getRuns();

    protected abstract void removeRun(RunT run);

    public abstract boolean isBuildable();

    public synchronized int assignBuildNumber() throws IOException {
        return nextBuildNumber++;
    }

    public int getNextBuildNumber() {
        return nextBuildNumber;
    }

    public File getBuildDir() {
        return new File(getRootDir(), "builds");
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Collection<? extends Job> getAllJobs() {
        return List.of(this);
    }

    public boolean isBuilding() {
        RunT last = getLastBuild();
        return last != null && last.isBuilding();
    }

    public RunT getLastBuild() {
        SortedMap<Integer, ? extends RunT> runs = _getRuns();
        return runs.isEmpty() ? null : runs.get(runs.lastKey());
    }

    public RunT getBuildByNumber(int n) {
        return _getRuns().get(n);
    }

    public EnvVars getCharacteristicEnvVars() {
        return new EnvVars("JOB_NAME", getFullName(), "JOB_BASE_NAME", getName());
    }

    public void addProperty(JobProperty<? super JobT> jobProp) throws IOException {
        ArrayList<JobProperty<?>> next = new ArrayList<>(stored());
        next.add(jobProp);
        properties = new ArrayList<>(next);
        save();
    }

    public <T extends JobProperty> T getProperty(Class<T> clazz) {
        return stored().stream()
                .filter(clazz::isInstance)
                .map(clazz::cast)
                .findFirst()
                .orElse(null);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private List<JobProperty<?>> stored() {
        return properties == null ? List.of() : (List) properties;
    }
}
