package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.SerializableScript;
import groovy.lang.Closure;
import groovy.lang.GroovyObjectSupport;
import groovy.lang.MissingPropertyException;
import hudson.EnvVars;
import hudson.model.Result;
import java.io.IOException;
import java.io.Serializable;

/** Base class of Jenkinsfiles: methods are steps, properties are global or environment variables. */
public abstract class BenchScript extends SerializableScript {
    private static final long serialVersionUID = 1L;

    @Override
    public Object invokeMethod(String name, Object args) {
        if (getBinding().hasVariable(name) && getBinding().getVariable(name) instanceof Closure<?> closure) {
            return closure.call((Object[]) args);
        }
        return StepCall.call(Program.current(), name, args);
    }

    @Override
    public Object getProperty(String property) {
        if (getBinding().hasVariable(property)) {
            return getBinding().getVariable(property);
        }
        switch (property) {
            case "env":
                return new Env();
            case "currentBuild":
                return new CurrentBuild();
            case "params":
                return Program.current().run.getParameters();
            case "steps":
                return this;
            case "scm":
                return "scm";
            default:
                String value = new Env().variables().get(property);
                if (value == null) {
                    throw new MissingPropertyException(property, getClass());
                }
                return value;
        }
    }

    /** Groovy's own {@code sleep} of every object would hide the step. */
    public Object sleep(long time) {
        return invokeMethod("sleep", new Object[] {time});
    }

    @Override
    public void println(Object value) {
        Program.current().run.console().println(value);
    }

    /** {@code env}: the variables that a step called here would see. */
    public static final class Env extends GroovyObjectSupport implements Serializable {
        private static final long serialVersionUID = 1L;

        EnvVars variables() {
            Program program = Program.current();
            try {
                return new StepHandle(program, program.activeThread(), null, null).get(EnvVars.class);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        public java.util.Map<String, String> getEnvironment() {
            return variables();
        }

        @Override
        public Object getProperty(String property) {
            return variables().get(property);
        }

        @Override
        public void setProperty(String property, Object value) {
            Program.current().run.setVariable(property, String.valueOf(value));
        }
    }

    /** {@code currentBuild}. */
    public static final class CurrentBuild implements Serializable {
        private static final long serialVersionUID = 1L;

        private static BenchRun run() {
            return Program.current().run;
        }

        public String getResult() {
            return run().getResult() == null ? null : run().getResult().toString();
        }

        public void setResult(Object result) {
            run().setResult(Result.fromString(String.valueOf(result)));
        }

        public String getCurrentResult() {
            return run().getResult() == null ? "SUCCESS" : run().getResult().toString();
        }

        public int getNumber() {
            return run().getNumber();
        }

        public String getDisplayName() {
            return run().getDisplayName();
        }

        public String getFullDisplayName() {
            return run().getFullDisplayName();
        }

        public String getDescription() {
            return run().getDescription();
        }

        public void setDescription(Object text) throws IOException {
            run().setDescription(String.valueOf(text));
        }
    }
}
