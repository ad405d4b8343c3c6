package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.XmlFile;
import hudson.init.Initializer;
import hudson.init.Terminator;
import hudson.model.PeriodicWork;
import hudson.model.listeners.ItemListener;
import hudson.slaves.Cloud;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.Jenkins;
import jenkins.util.Timer;
import net.java.sezpoz.Index;
import net.java.sezpoz.IndexItem;

/**
 * A controller over a {@code JENKINS_HOME} directory. It finds extensions by the index that their annotation processor
 * wrote, reads jobs and builds back, runs initialisers, periodic work and terminators, and calls nothing else.
 */
public final class BenchJenkins extends Jenkins {
    private final List<IndexItem<Extension, Object>> found;
    private final Map<String, Object> instances = new ConcurrentHashMap<>();
    private final Map<Class<?>, ExtensionList<?>> lists = new ConcurrentHashMap<>();
    private final OutputStream liveConsole;
    private volatile Boolean inputAnswer = true;

    /** @param found all extensions, known before anybody can ask: a turn of the life before may still be at work */
    private BenchJenkins(File home, OutputStream liveConsole, List<IndexItem<Extension, Object>> found) {
        super(home);
        this.liveConsole = liveConsole;
        this.found = found;
    }

    /**
     * Starts on that home; builds that were running there go on.
     *
     * @param liveConsole where the consoles of all builds are shown while they run
     * @param clouds the clouds of an earlier life, whose connections are no matter of XML here
     */
    static BenchJenkins start(File home, OutputStream liveConsole, List<Cloud> clouds) throws IOException {
        List<IndexItem<Extension, Object>> found = new ArrayList<>();
        Index.load(Extension.class, Object.class, loader()).forEach(found::add);
        found.sort(Comparator.comparingDouble(i -> -i.annotation().ordinal()));
        BenchJenkins jenkins = new BenchJenkins(home, liveConsole, found);
        jenkins.clouds.addAll(clouds);
        jenkins.getExtensionList(Object.class);
        List<Method> initializers = annotated(Initializer.class);
        initializers.sort(
                Comparator.comparing(m -> m.getAnnotation(Initializer.class).after()));
        initializers.forEach(BenchJenkins::invoke);
        jenkins.loadJobs();
        for (PeriodicWork work : PeriodicWork.all()) {
            Timer.get()
                    .scheduleAtFixedRate(
                            work, work.getInitialDelay(), work.getRecurrencePeriod(), TimeUnit.MILLISECONDS);
        }
        ItemListener.all().forEach(ItemListener::onLoaded);
        for (BenchJob job : jenkins.getAllItems(BenchJob.class)) {
            job._getRuns().values().stream().filter(BenchRun::isBuilding).forEach(r -> r.program()
                    .resume());
        }
        return jenkins;
    }

    public static BenchJenkins get() {
        return (BenchJenkins) Jenkins.get();
    }

    private static ClassLoader loader() {
        return Thread.currentThread().getContextClassLoader();
    }

    private void loadJobs() throws IOException {
        File[] directories = new File(getRootDir(), "jobs").listFiles(f -> new File(f, "config.xml").exists());
        for (File d : directories == null ? new File[0] : directories) {
            BenchJob job = (BenchJob) new XmlFile(new File(d, "config.xml")).read();
            put(job, d.getName());
        }
    }

    private void put(BenchJob job, String name) throws IOException {
        try {
            job.onLoad(this, name);
            putItem(job);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Makes a job. */
    public BenchJob createJob(String name, String jenkinsfile) throws IOException {
        BenchJob job = new BenchJob(this, name, jenkinsfile);
        job.save();
        put(job, name);
        ItemListener.fireOnCreated(job);
        return job;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> ExtensionList<T> getExtensionList(Class<T> type) {
        ExtensionList<T> known = (ExtensionList<T>) lists.get(type);
        if (known != null) {
            return known;
        }
        ExtensionList<T> list = ExtensionList.create(this, type);
        for (IndexItem<Extension, Object> item : found) {
            try {
                Class<?> made = item.element() instanceof Class<?> c
                        ? c
                        : item.element() instanceof Method m ? m.getReturnType() : ((Field) item.element()).getType();
                if (type.isAssignableFrom(made)) {
                    list.add(type.cast(instance(item)));
                }
            } catch (InstantiationException | LinkageError e) {
                if (!item.annotation().optional()) {
                    throw new IllegalStateException("extension " + item, e);
                }
            }
        }
        lists.put(type, list);
        return list;
    }

    /** The one instance of an extension in this controller's life. */
    private synchronized Object instance(IndexItem<Extension, Object> item) throws InstantiationException {
        String key = item.className() + "#" + item.memberName();
        Object instance = instances.get(key);
        if (instance == null) {
            try {
                if (item.element() instanceof Class<?> c) {
                    Constructor<?> constructor = c.getDeclaredConstructor();
                    constructor.setAccessible(true);
                    instance = constructor.newInstance();
                } else {
                    instance = item.element() instanceof Method m ? m.invoke(null) : ((Field) item.element()).get(null);
                }
            } catch (ReflectiveOperationException e) {
                throw (InstantiationException) new InstantiationException(key).initCause(e);
            }
            instances.put(key, instance);
        }
        return instance;
    }

    private static List<Method> annotated(Class<? extends Annotation> annotation) throws IOException {
        List<Method> methods = new ArrayList<>();
        org.jvnet.hudson.annotation_indexer.Index.list(annotation, loader(), Method.class)
                .forEach(methods::add);
        return methods;
    }

    private static void invoke(Method m) {
        try {
            m.setAccessible(true);
            m.invoke(null);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(m + " failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Ends this controller's life. What belongs to a process goes in either case: timers, and what terminators end.
     *
     * @param orderly with it, programs are saved and listeners hear of it before; without it nothing is saved that was
     *     not saved already, as when the process is killed
     */
    void end(boolean orderly) throws IOException, InterruptedException {
        if (orderly) {
            ItemListener.all().forEach(ItemListener::onBeforeShutdown);
        }
        for (BenchJob job : getAllItems(BenchJob.class)) {
            for (BenchRun run : job._getRuns().values()) {
                run.program().die(orderly);
            }
        }
        if (!orderly) {
            Timer.shutdown();
        }
        for (Method m : annotated(Terminator.class)) {
            try {
                invoke(m);
            } catch (IllegalStateException e) {
                Logger.getLogger(BenchJenkins.class.getName()).log(Level.WARNING, "terminator failed", e);
            }
        }
        Timer.shutdown();
        cleanUp();
    }

    @Override
    public String getRootUrl() {
        return "http://jenkins.example/";
    }

    OutputStream liveConsole() {
        return liveConsole;
    }

    /** How {@code input} is answered: true proceeds, false aborts, null waits until this is called again. */
    public void setInputAnswer(Boolean answer) {
        this.inputAnswer = answer;
    }

    Boolean inputAnswer() {
        return inputAnswer;
    }
}
