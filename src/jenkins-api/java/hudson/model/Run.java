package hudson.model;

import hudson.EnvVars;
import hudson.FilePath;
import hudson.Launcher;
import hudson.XmlFile;
import hudson.security.ACL;
import hudson.security.AccessControlled;
import hudson.security.Permission;
import hudson.security.PermissionGroup;
import hudson.security.PermissionScope;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Map;
import jenkins.model.ArtifactManager;
import jenkins.model.Jenkins;
import jenkins.model.RunAction2;

/** Stand-in: one build. */
public abstract class Run<JobT extends Job<JobT, RunT>, RunT extends Run<JobT, RunT>> extends Actionable
        implements Comparable<RunT>, AccessControlled, PersistenceRoot {
    public static final PermissionGroup PERMISSIONS = new PermissionGroup(Run.class, null);
    public static final Permission DELETE =
            new Permission(PERMISSIONS, "Delete", null, Permission.DELETE, PermissionScope.RUN);
    public static final Permission UPDATE =
            new Permission(PERMISSIONS, "Update", null, Permission.UPDATE, PermissionScope.RUN);
    public static final Permission ARTIFACTS =
            new Permission(PERMISSIONS, "Artifacts", null, Permission.READ, PermissionScope.RUN);

    protected final transient JobT project;
    public transient int number;
    protected long timestamp;
    protected volatile Result result;
    protected volatile String description;
    protected long duration;

    protected Run(JobT job) throws IOException {
        this.project = job;
        this.number = job.assignBuildNumber();
        this.timestamp = System.currentTimeMillis();
        Files.createDirectories(getRootDir().toPath());
    }

    /** Loads the build of that directory. */
    protected Run(JobT project, File buildDir) throws IOException {
        this.project = project;
        this.number = Integer.parseInt(buildDir.getName());
        reload();
    }

    public void reload() throws IOException {
        getDataFile().unmarshal(this);
    }

    protected void onLoad() {
        for (Action a : getActions()) {
            if (a instanceof RunAction2 runAction) {
                runAction.onLoad(this);
            }
        }
    }

    @Override
    public void addAction(Action a) {
        super.addAction(a);
        if (a instanceof RunAction2 runAction) {
            runAction.onAttached(this);
        }
    }

    @Override
    public boolean addOrReplaceAction(Action a) {
        boolean changed = super.addOrReplaceAction(a);
        if (a instanceof RunAction2 runAction) {
            runAction.onAttached(this);
        }
        return changed;
    }

    private XmlFile getDataFile() {
        return new XmlFile(new File(getRootDir(), "build.xml"));
    }

    @Override
    public synchronized void save() throws IOException {
        if (!hudson.BulkChange.contains(this)) {
            getDataFile().write(this);
        }
    }

    public Result getResult() {
        return result;
    }

    /** Only ever makes it worse. */
    public void setResult(Result r) {
        if (result == null || r.isWorseThan(result)) {
            result = r;
        }
    }

    public abstract boolean isBuilding();

    public JobT getParent() {
        return project;
    }

    public int getNumber() {
        return number;
    }

    public String getId() {
        return Integer.toString(number);
    }

    @Override
    public String getDisplayName() {
        return "#" + number;
    }

    public String getFullDisplayName() {
        return project.getFullDisplayName() + " " + getDisplayName();
    }

    public String getDescription() {
        return description;
    }

    public void setDescription(String description) throws IOException {
        this.description = description;
        save();
    }

    public String getUrl() {
        return project.getUrl() + number + "/";
    }

    public final String getAbsoluteUrl() {
        return project.getAbsoluteUrl() + number + "/";
    }

    public String getExternalizableId() {
        return project.getFullName() + "#" + number;
    }

    public static Run<?, ?> fromExternalizableId(String id) throws IllegalArgumentException {
        int hash = id.lastIndexOf('#');
        if (hash <= 0) {
            throw new IllegalArgumentException("Invalid id");
        }
        Job<?, ?> job = Jenkins.get().getItemByFullName(id.substring(0, hash), Job.class);
        return job == null ? null : job.getBuildByNumber(Integer.parseInt(id.substring(hash + 1)));
    }

    @Override
    public File getRootDir() {
        return new File(project.getBuildDir(), Integer.toString(number));
    }

    public File getArtifactsDir() {
        return new File(getRootDir(), "archive");
    }

    /** The standard one: copies into the build's directory. */
    public final synchronized ArtifactManager pickArtifactManager() throws IOException {
        File archive = getArtifactsDir();
        return new ArtifactManager() {
            @Override
            public void archive(
                    FilePath workspace, Launcher launcher, BuildListener listener, Map<String, String> artifacts)
                    throws IOException {
                for (Map.Entry<String, String> each : artifacts.entrySet()) {
                    File to = new File(archive, each.getKey());
                    Files.createDirectories(to.getParentFile().toPath());
                    Files.copy(
                            new File(workspace.getRemote(), each.getValue()).toPath(),
                            to.toPath(),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        };
    }

    public final File getLogFile() {
        return new File(getRootDir(), "log");
    }

    public final long getTimeInMillis() {
        return timestamp;
    }

    public final long getStartTimeInMillis() {
        return timestamp;
    }

    public Calendar getTimestamp() {
        GregorianCalendar c = new GregorianCalendar();
        c.setTime(new Date(timestamp));
        return c;
    }

    public long getDuration() {
        return duration;
    }

    public RunT getPreviousBuild() {
        RunT best = null;
        for (RunT other : new ArrayList<RunT>(project._getRuns().values())) {
            if (other.number < number && (best == null || other.number > best.number)) {
                best = other;
            }
        }
        return best;
    }

    public List<Cause> getCauses() {
        CauseAction action = getAction(CauseAction.class);
        return action == null ? List.of() : action.getCauses();
    }

    public EnvVars getEnvironment(TaskListener listener) throws IOException, InterruptedException {
        EnvVars env = getCharacteristicEnvVars();
        env.putIfNotNull("JENKINS_URL", Jenkins.get().getRootUrl());
        if (Jenkins.get().getRootUrl() != null) {
            env.put("BUILD_URL", getAbsoluteUrl());
            env.put("JOB_URL", project.getAbsoluteUrl());
        }
        return env;
    }

    public final EnvVars getCharacteristicEnvVars() {
        EnvVars env = project.getCharacteristicEnvVars();
        env.put("BUILD_NUMBER", getId());
        env.put("BUILD_ID", getId());
        env.put("BUILD_DISPLAY_NAME", getDisplayName());
        env.put("BUILD_TAG", "jenkins-" + project.getFullName().replace('/', '-') + "-" + number);
        return env;
    }

    @Override
    public ACL getACL() {
        return project.getACL();
    }

    @Override
    public int compareTo(RunT that) {
        return Integer.compare(number, that.number);
    }

    @Override
    public String toString() {
        return getExternalizableId().replace("#", " #");
    }
}
