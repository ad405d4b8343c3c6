package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.AbortException;
import hudson.EnvVars;
import hudson.Extension;
import hudson.FilePath;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import jenkins.scm.api.SCMFile;
import jenkins.scm.api.SCMFileSystem;
import org.jenkinsci.plugins.workflow.actions.WarningAction;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.kohsuke.stapler.DataBoundConstructor;

/** The steps that wait for nothing. */
final class BasicSteps {
    private BasicSteps() {}

    private static TaskListener listener(StepContext context) throws Exception {
        return context.get(TaskListener.class);
    }

    /** {@code echo}. */
    public static final class Echo extends BuiltinStep.Now {
        private final String message;

        @DataBoundConstructor
        public Echo(String message) {
            this.message = message;
        }

        @Override
        Object run(StepContext context) throws Exception {
            listener(context).getLogger().println(message);
            return null;
        }

        @Extension
        public static final About ABOUT = new About("echo", false, TaskListener.class) {};
    }

    /** {@code error}. */
    public static final class Fail extends BuiltinStep.Now {
        private final String message;

        @DataBoundConstructor
        public Fail(String message) {
            this.message = message;
        }

        @Override
        Object run(StepContext context) throws Exception {
            throw new AbortException(message);
        }

        @Extension
        public static final About ABOUT = new About("error", false) {};
    }

    /** {@code unstable}. */
    public static final class Unstable extends BuiltinStep.Now {
        private final String message;

        @DataBoundConstructor
        public Unstable(String message) {
            this.message = message;
        }

        @Override
        Object run(StepContext context) throws Exception {
            listener(context).getLogger().println("WARNING: " + message);
            context.get(FlowNode.class).addAction(new WarningAction(Result.UNSTABLE).withMessage(message));
            context.get(Run.class).setResult(Result.UNSTABLE);
            return null;
        }

        @Extension
        public static final About ABOUT =
                new About("unstable", false, FlowNode.class, Run.class, TaskListener.class) {};
    }

    /** {@code readTrusted}: a file of the build's own revision. */
    public static final class ReadTrusted extends BuiltinStep.Now {
        private final String path;

        @DataBoundConstructor
        public ReadTrusted(String path) {
            this.path = path;
        }

        @Override
        Object run(StepContext context) throws Exception {
            BenchJob job = context.get(BenchJob.class);
            if (job.getSCMs().isEmpty()) {
                throw new AbortException(
                        "\u2018readTrusted\u2019 is only available when using \u201cMultibranch Pipeline\u201d or"
                                + " \u201cPipeline script from SCM\u201d");
            }
            try (SCMFileSystem files =
                    SCMFileSystem.of(job, job.getSCMs().iterator().next())) {
                SCMFile file = files.child(path);
                if (!file.isFile()) {
                    throw new AbortException("file not found: " + path);
                }
                listener(context).getLogger().println("Obtained " + path + " from " + job.getRevision());
                return file.contentAsString();
            }
        }

        @Extension
        public static final About ABOUT = new About("readTrusted", false, Run.class, TaskListener.class) {};
    }

    /** {@code checkout scm}: copies the build's revision into the workspace. */
    public static final class Checkout extends BuiltinStep.Now {
        @DataBoundConstructor
        public Checkout(Object scm) {}

        @Override
        Object run(StepContext context) throws Exception {
            File revision = context.get(BenchJob.class).getRevision();
            if (revision == null) {
                throw new AbortException(
                        "\u2018checkout scm\u2019 is only available when using \u201cMultibranch Pipeline\u201d or"
                                + " \u201cPipeline script from SCM\u201d");
            }
            Path from = revision.toPath();
            FilePath workspace = context.get(FilePath.class);
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    new FilePath(file.toFile())
                            .copyTo(workspace.child(from.relativize(file).toString()));
                }
            }
            return new TreeMap<String, String>();
        }

        @Extension
        public static final About ABOUT = new About("checkout", false, FilePath.class) {};
    }

    /** {@code node}: a workspace on this machine. */
    public static final class Node extends BuiltinStep.Around {
        private final String label;

        @DataBoundConstructor
        public Node(String label) {
            this.label = label;
        }

        @Override
        BodyInvoker prepare(StepContext context, BodyInvoker body) throws Exception {
            File root = BenchJenkins.get().getRootDir();
            FilePath workspace = new FilePath(new File(
                    new File(root, "workspace"), context.get(BenchJob.class).getName()));
            workspace.mkdirs();
            listener(context)
                    .getLogger()
                    .println("Running on " + (label == null ? "Jenkins" : label) + " in " + workspace);
            EnvVars variables = new EnvVars(System.getenv());
            variables.put("NODE_NAME", label == null ? "built-in" : label);
            variables.put("WORKSPACE", workspace.getRemote());
            return body.withContexts(workspace, variables);
        }

        @Extension
        public static final About ABOUT = new About("node", true, Run.class, TaskListener.class) {
            @Override
            public Set<? extends Class<?>> getProvidedContext() {
                return Set.of(FilePath.class, EnvVars.class);
            }
        };
    }

    private static EnvironmentExpander merged(StepContext context, EnvironmentExpander more) throws Exception {
        return EnvironmentExpander.merge(context.get(EnvironmentExpander.class), more);
    }

    /** {@code dir}. */
    public static final class Dir extends BuiltinStep.Around {
        private final String path;

        @DataBoundConstructor
        public Dir(String path) {
            this.path = path;
        }

        @Override
        BodyInvoker prepare(StepContext context, BodyInvoker body) throws Exception {
            FilePath directory = context.get(FilePath.class).child(path);
            directory.mkdirs();
            listener(context).getLogger().println("Running in " + directory);
            return body.withContext(directory);
        }

        @Extension
        public static final About ABOUT = new About("dir", true, FilePath.class, TaskListener.class) {};
    }

    /** {@code withEnv}. */
    public static final class WithEnv extends BuiltinStep.Around {
        private final List<String> overrides;

        @DataBoundConstructor
        public WithEnv(List<String> overrides) {
            for (String pair : overrides) {
                if (pair.indexOf('=') < 0) {
                    throw new IllegalArgumentException(pair);
                }
            }
            this.overrides = overrides;
        }

        @Override
        BodyInvoker prepare(StepContext context, BodyInvoker body) throws Exception {
            TreeMap<String, String> variables = new TreeMap<>();
            overrides.forEach(
                    pair -> variables.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1)));
            return body.withContext(merged(context, new Expanding(variables)));
        }

        /** Values may refer to what was there before. */
        private static final class Expanding extends EnvironmentExpander {
            private static final long serialVersionUID = 1L;
            private final TreeMap<String, String> variables;

            Expanding(TreeMap<String, String> variables) {
                this.variables = variables;
            }

            @Override
            public void expand(EnvVars env) {
                env.overrideExpandingAll(variables);
            }
        }

        @Extension
        public static final About ABOUT = new About("withEnv", true) {};
    }

    /** {@code stage}. */
    public static final class Stage extends BuiltinStep.Around {
        private final String name;

        @DataBoundConstructor
        public Stage(String name) {
            this.name = name;
        }

        @Override
        BodyInvoker prepare(StepContext context, BodyInvoker body) {
            return body.withDisplayName(name);
        }

        @Extension
        public static final About ABOUT = new About("stage", true) {};
    }

    /** {@code script}, the way out of Declarative. */
    public static final class ScriptBlock extends BuiltinStep.Around {
        @DataBoundConstructor
        public ScriptBlock() {}

        @Override
        BodyInvoker prepare(StepContext context, BodyInvoker body) {
            return body;
        }

        @Extension
        public static final About ABOUT = new About("script", true) {};
    }
}
