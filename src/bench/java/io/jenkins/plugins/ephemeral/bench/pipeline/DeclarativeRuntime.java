package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.model.Result;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** What a translated {@code pipeline {}} asks while it runs. */
public final class DeclarativeRuntime {
    private DeclarativeRuntime() {}

    private static BenchRun run() {
        return Program.current().run;
    }

    public static void log(Object text) {
        run().console().println(text);
    }

    public static boolean hasRevision() {
        return run().getParent().getRevision() != null;
    }

    public static boolean unstable() {
        return run().getResult() == Result.UNSTABLE;
    }

    public static void parameter(Map<String, ?> definition) {
        run().getParameters().putIfAbsent(String.valueOf(definition.get("name")), definition.get("defaultValue"));
    }

    private static Result resultOf(Throwable t) {
        return t instanceof FlowInterruptedException f ? f.getResult() : Result.FAILURE;
    }

    /** A stage failed. */
    public static void failed(Throwable t) {
        run().setResult(resultOf(t));
    }

    public static void postFailed(String condition, Throwable t) {
        log("Error when executing " + condition + " post condition:");
        t.printStackTrace(run().console());
        failed(t);
    }

    public static boolean meetsAny(List<String> conditions, Throwable t) {
        return conditions.stream().anyMatch(c -> meets(c, t));
    }

    /** Whether a post condition holds, given what went wrong before (null: nothing). */
    public static boolean meets(String condition, Throwable t) {
        Result now = Result.combine(
                run().getResult() == null ? Result.SUCCESS : run().getResult(), t == null ? null : resultOf(t));
        BenchRun previousRun = run().getPreviousBuild();
        Result previous = previousRun == null ? null : previousRun.getResult();
        switch (condition) {
            case "changed":
                return previous != now;
            case "fixed":
                return now == Result.SUCCESS && (previous == Result.FAILURE || previous == Result.UNSTABLE);
            case "regression":
                return previous == Result.SUCCESS && now.isWorseThan(previous);
            case "unsuccessful":
                return now.isWorseThan(Result.SUCCESS);
            case "success", "failure", "unstable", "aborted":
                return now == Result.fromString(condition);
            default:
                return true; // always, cleanup
        }
    }
}
