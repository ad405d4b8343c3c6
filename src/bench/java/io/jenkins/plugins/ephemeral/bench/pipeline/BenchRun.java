package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.EnvVars;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.listeners.RunListener;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.flow.FlowExecutionOwner;

/** A build of a {@link BenchJob}: its directory, its log and its {@code build.xml} are as in Jenkins. */
public final class BenchRun extends Run<BenchJob, BenchRun> implements FlowExecutionOwner.Executable {
    private transient Program program;
    private transient PrintStream console;
    private transient TaskListener listener;
    private transient Map<String, BenchNode> nodes;
    private LinkedHashMap<String, Object> parameters;
    private TreeMap<String, String> variables;
    private volatile boolean completed;
    private transient volatile boolean over;

    BenchRun(BenchJob job, Map<String, ?> parameters) throws IOException {
        super(job);
        this.parameters = new LinkedHashMap<>(parameters);
        this.variables = new TreeMap<>();
        open();
    }

    /** Reads a build back; the field values are from its {@code build.xml}. */
    BenchRun(BenchJob job, File directory) throws IOException {
        super(job, directory);
        open();
        File[] saved = new File(directory, "workflow").listFiles((d, name) -> name.endsWith(".xml"));
        for (File f : saved == null ? new File[0] : saved) {
            addNode(new BenchNode(this, program, f.getName().replace(".xml", ""), null, null).load());
        }
    }

    private void open() throws IOException {
        nodes = new ConcurrentHashMap<>();
        program = new Program(this);
        over = completed;
        OutputStream live = BenchJenkins.get().liveConsole();
        console = new PrintStream(new FileOutputStream(getLogFile(), true), true, StandardCharsets.UTF_8) {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                if (over || program.isDead()) {
                    return; // as in Jenkins nobody reads what comes later
                }
                super.write(bytes, offset, length);
                try {
                    live.write(bytes, offset, length);
                    live.flush();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        listener = new BuildListener(console);
    }

    void begin() throws IOException {
        RunListener.fireInitialize(this);
        getCauses().forEach(c -> c.print(listener));
        RunListener.fireStarted(this, listener);
        save();
        program.start();
    }

    /** What Jenkins does with a build that it finds on disk. */
    void loaded() {
        onLoad();
    }

    void finish(Result outcome, Runnable explain) {
        setResult(outcome);
        duration = System.currentTimeMillis() - getStartTimeInMillis();
        completed = true;
        RunListener.fireCompleted(this, listener);
        explain.run();
        console.println("Finished: " + getResult());
        try {
            save();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RunListener.fireFinalized(this);
        over = true;
        console.close();
    }

    /** Whether all is done that belongs to the build, listeners included; {@link #isBuilding} says no before that. */
    boolean isOver() {
        return over;
    }

    /** Presses the stop button. */
    public void stop(String user) {
        var cause = new jenkins.model.CauseOfInterruption.UserInterruption(user);
        program.interrupt(Result.ABORTED, cause);
    }

    /** The bytes that each running step adds to the saved program, by function name. */
    public TreeMap<String, Integer> savedBytes() throws Exception {
        return program.savedBytes();
    }

    /** What the program ended with, or null. */
    public Throwable failure() {
        return program.failure();
    }

    /** All that was logged so far. */
    public String getLog() {
        try {
            return Files.readString(getLogFile().toPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean isBuilding() {
        return !completed;
    }

    Map<String, Object> getParameters() {
        return parameters;
    }

    synchronized void setVariable(String name, String value) {
        variables.put(name, value);
    }

    @Override
    public synchronized EnvVars getEnvironment(TaskListener log) throws IOException, InterruptedException {
        EnvVars env = super.getEnvironment(log);
        parameters.forEach((name, value) -> env.put(name, String.valueOf(value)));
        env.overrideAll(variables);
        return env;
    }

    Program program() {
        return program;
    }

    PrintStream console() {
        return console;
    }

    TaskListener listener() {
        return listener;
    }

    Map<String, BenchNode> nodes() {
        return nodes;
    }

    void addNode(BenchNode node) {
        nodes.put(node.getId(), node);
        node.save();
    }

    @Override
    public void run() {
        throw new UnsupportedOperationException("started by its job");
    }

    @Override
    public FlowExecutionOwner asFlowExecutionOwner() {
        return new Owner(getExternalizableId());
    }

    /** Not serialisable, as a build's listener in Jenkins is only on its way to an agent. */
    private static final class BuildListener implements TaskListener {
        private static final long serialVersionUID = 1L;
        private final transient PrintStream out;

        BuildListener(PrintStream out) {
            this.out = out;
        }

        @Override
        public PrintStream getLogger() {
            return out;
        }

        private void writeObject(ObjectOutputStream to) throws IOException {
            throw new NotSerializableException(TaskListener.class.getName());
        }
    }

    private static final class Owner extends FlowExecutionOwner {
        private static final long serialVersionUID = 1L;
        private final String id;

        Owner(String id) {
            this.id = id;
        }

        @Override
        public FlowExecution get() throws IOException {
            return getExecutable().program;
        }

        @Override
        public File getRootDir() throws IOException {
            return getExecutable().getRootDir();
        }

        @Override
        public BenchRun getExecutable() throws IOException {
            if (Run.fromExternalizableId(id) instanceof BenchRun run) {
                return run;
            }
            throw new IOException("no build " + id);
        }

        @Override
        public String getUrl() throws IOException {
            return getExecutable().getUrl();
        }

        @Override
        public TaskListener getListener() throws IOException {
            return getExecutable().listener;
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Owner other && id.equals(other.id);
        }

        @Override
        public int hashCode() {
            return id.hashCode();
        }
    }
}
