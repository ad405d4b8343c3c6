package io.jenkins.plugins.ephemeral.bench.terrakube;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A Terrakube control plane in the process: one organization, its workspaces, templates and jobs. */
public final class EmbeddedTerrakube implements AutoCloseable {
    private static final long TICK_MILLIS = 20;

    final Object lock = new Object();
    final String organizationId = UUID.randomUUID().toString();
    final Map<String, TerrakubeWorkspace> workspaces = new LinkedHashMap<>();
    final Map<String, String> templateIds = new LinkedHashMap<>();
    final Map<String, String> templates = new LinkedHashMap<>();
    final TreeMap<Integer, SimulatedJob> jobs = new TreeMap<>();
    volatile boolean mayManage = true;
    volatile boolean mayApprove = true;
    volatile boolean streams = true;
    private final Front front;
    private final ScheduledExecutorService ticker =
            java.util.concurrent.Executors.newSingleThreadScheduledExecutor(r -> {
                Thread thread = new Thread(r, "embedded-terrakube");
                thread.setDaemon(true);
                return thread;
            });

    private EmbeddedTerrakube() {
        front = new Front(new Api(this));
        ticker.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Starts one on a free port of 127.0.0.1. */
    public static EmbeddedTerrakube start() {
        return new EmbeddedTerrakube();
    }

    private void tick() {
        synchronized (lock) {
            Executors.tick(jobs.values());
            lock.notifyAll();
        }
    }

    /** Base URL of the API. */
    public String url() {
        return "http://127.0.0.1:" + front.port();
    }

    /** A token of the only team there is: a JSON Web Token by its looks. */
    public String token() {
        return Front.TOKEN;
    }

    /** Name of the only organization. */
    public String organization() {
        return "acme";
    }

    /** The workspace of that name, made if there is none. */
    public TerrakubeWorkspace workspace(String name) {
        synchronized (lock) {
            return workspaces.computeIfAbsent(name, TerrakubeWorkspace::new);
        }
    }

    /** Makes a template. */
    public void template(String name, String yaml) {
        synchronized (lock) {
            templates.put(
                    templateIds.computeIfAbsent(name, any -> UUID.randomUUID().toString()), yaml);
        }
    }

    /** What the token's team may do from now on. */
    public void rights(boolean manageJob, boolean approveJob) {
        mayManage = manageJob;
        mayApprove = approveJob;
    }

    /** Whether logs are streamed; Terrakube before 2.33 answers 404. */
    public void streams(boolean are) {
        streams = are;
    }

    /** Status of a job. */
    public String status(int jobId) {
        synchronized (lock) {
            return jobs.get(jobId).status;
        }
    }

    /** Numbers of all jobs. */
    public List<Integer> jobIds() {
        synchronized (lock) {
            return List.copyOf(jobs.keySet());
        }
    }

    /** An attribute of a job as it was sent. */
    public String attribute(int jobId, String name) {
        synchronized (lock) {
            return jobs.get(jobId).attributes.path(name).asText();
        }
    }

    /** Somebody decides or cancels in the user interface. */
    public void setStatus(int jobId, String status) {
        synchronized (lock) {
            Api.change(jobs.get(jobId), status);
        }
    }

    /** A create whose answer was lost takes effect only now: a job just like that one. */
    public int copy(int jobId) {
        synchronized (lock) {
            SimulatedJob like = jobs.get(jobId);
            int id = jobs.lastKey() + 1;
            jobs.put(id, new SimulatedJob(id, like.workspace, like.flow, like.attributes.deepCopy()));
            return id;
        }
    }

    /** Somebody deletes a job. */
    public void delete(int jobId) {
        synchronized (lock) {
            jobs.remove(jobId);
        }
    }

    /** UUID of a workspace, as in the labels of its executors' Pods. */
    public String workspaceId(String name) {
        return workspace(name).id;
    }

    /** The next request of that method whose path and query contain a match of the pattern is answered like that. */
    public void failNext(String method, String pathPattern, Fault fault) {
        front.failNext(method, pathPattern, fault);
    }

    /** What can go wrong with a request. */
    public record Fault(int status, boolean carriedOut) {
        /** It is not carried out; this is the answer. */
        public static Fault status(int status) {
            return new Fault(status, false);
        }

        /** It is carried out and the connection breaks before the answer. */
        public static Fault answerLost() {
            return new Fault(0, true);
        }

        /** The connection breaks before it is carried out. */
        public static Fault dropped() {
            return new Fault(0, false);
        }
    }

    /** Nothing listens any more; what goes on inside goes on. */
    public void goAway() {
        front.goAway();
    }

    /** It listens again, on the same port. */
    public void comeBack() {
        front.comeBack();
    }

    /** Requests so far, {@code POST /api/v1/...}. */
    public List<String> requests() {
        return front.requests();
    }

    static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        front.close();
    }
}
