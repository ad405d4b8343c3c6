package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Change;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The scheduler and the one node: Pods become processes of this machine, below a temporary directory. */
public final class Kubelet {
    private static final String NODE = "embedded";
    private static final Map<String, String> CAPACITY = Map.of("cpu", "8", "memory", "16Gi");

    private final Resources resources;
    private final ResourceTypes types;
    private final Controllers controllers;
    private final EventRecorder events;
    private final Images images;
    private final Rights rights;
    private final Path home;
    private final Map<String, PodRun> runs = new ConcurrentHashMap<>();
    private volatile boolean cutOff;
    private final Map<String, String> environment = new HashMap<>();

    Kubelet(
            Resources resources,
            ResourceTypes types,
            Controllers controllers,
            EventRecorder events,
            Images images,
            Rights rights,
            Path home) {
        this.resources = resources;
        this.types = types;
        this.controllers = controllers;
        this.events = events;
        this.images = images;
        this.rights = rights;
        this.home = home;
    }

    /** Registers the node. */
    void register(int apiPort) {
        environment.put("KUBERNETES_SERVICE_HOST", "127.0.0.1");
        environment.put("KUBERNETES_SERVICE_PORT", Integer.toString(apiPort));
        ObjectNode node = Json.object();
        Json.meta(node)
                .put("name", NODE)
                .putObject("labels")
                .put("kubernetes.io/hostname", NODE)
                .put("kubernetes.io/os", "linux");
        resources.create(types.named("nodes"), "", node, Call.CONTROLLER);
        store().updateStatus(new Key("nodes", "", NODE), status -> {
            for (String kind : List.of("capacity", "allocatable")) {
                ObjectNode amounts = status.putObject(kind).put("pods", "110");
                CAPACITY.forEach(amounts::put);
            }
            Json.condition(status, "Ready", true, "KubeletReady", "kubelet is posting ready status");
        });
    }

    Store store() {
        return resources.store();
    }

    Controllers controllers() {
        return controllers;
    }

    EventRecorder events() {
        return events;
    }

    Images images() {
        return images;
    }

    Path directory(String podUid) {
        return PodFiles.directory(home.resolve(podUid));
    }

    Map<String, String> environment(JsonNode pod) {
        Map<String, String> all = new HashMap<>(environment);
        String hostname = Json.text(pod, "/spec/hostname");
        all.put("HOSTNAME", hostname.isEmpty() ? Json.name(pod) : hostname);
        return all;
    }

    /** A token of the Pod's service account, or "" when it mounts none. */
    String tokenFor(JsonNode pod) {
        return pod.at("/spec/automountServiceAccountToken").asBoolean(true)
                ? rights.issue(User.serviceAccount(Json.namespace(pod), Json.text(pod, "/spec/serviceAccountName")))
                : "";
    }

    void on(Change change) {
        if (!change.type().equals("pods")) {
            return;
        }
        ObjectNode pod = change.object();
        PodRun run = runs.get(Json.uid(pod));
        if (change.after() == null) {
            if (run != null) {
                run.kill();
                runs.remove(Json.uid(pod));
                controllers.soon(() -> PodFiles.delete(home.resolve(Json.uid(pod))));
            }
        } else if (Json.deleting(pod)) {
            if (!cutOff) {
                stop(run, change);
            }
        } else if (run == null && Json.text(pod, "/spec/nodeName").isEmpty()) {
            schedule(pod);
        } else if (run == null && Json.text(pod, "/status/phase").equals("Pending")) {
            start(pod);
        }
    }

    private void stop(PodRun run, Change change) {
        long grace = change.after().at("/metadata/deletionGracePeriodSeconds").asLong();
        if (run == null) {
            remove(change.after());
        } else if (!Json.deleting(change.before())
                || change.before().at("/metadata/deletionGracePeriodSeconds").asLong() != grace) {
            run.stop(grace);
        }
    }

    private void schedule(ObjectNode pod) {
        Optional<String> obstacle = obstacle(pod);
        Key key = Key.of("pods", pod);
        if (obstacle.isPresent()) {
            String message = "0/1 nodes are available: 1 " + obstacle.get() + ".";
            events.warning(pod, "default-scheduler", "FailedScheduling", message);
            store().updateStatus(key, s -> Json.condition(s, "PodScheduled", false, "Unschedulable", message));
            return;
        }
        events.normal(
                pod,
                "default-scheduler",
                "Scheduled",
                "Successfully assigned " + key.namespace() + "/" + key.name() + " to " + NODE);
        store().update(key, p -> {
            Json.child(p, "spec").put("nodeName", NODE);
            Json.condition(Json.child(p, "status"), "PodScheduled", true, "", "");
            return p;
        });
    }

    private static Optional<String> obstacle(ObjectNode pod) {
        for (Map.Entry<String, JsonNode> wanted : pod.at("/spec/nodeSelector").properties()) {
            boolean fits = wanted.getKey().equals("kubernetes.io/os")
                            && wanted.getValue().asText().equals("linux")
                    || wanted.getKey().equals("kubernetes.io/hostname")
                            && wanted.getValue().asText().equals(NODE);
            if (!fits) {
                return Optional.of("node(s) didn't match Pod's node affinity/selector");
            }
        }
        for (Map.Entry<String, String> capacity : CAPACITY.entrySet()) {
            BigDecimal sum = BigDecimal.ZERO;
            for (JsonNode container : pod.at("/spec/containers")) {
                sum = sum.add(Quantity.parse(container
                        .at("/resources/requests")
                        .path(capacity.getKey())
                        .asText("0")));
            }
            if (sum.compareTo(Quantity.parse(capacity.getValue())) > 0) {
                return Optional.of("Insufficient " + capacity.getKey());
            }
        }
        return Optional.empty();
    }

    private void start(ObjectNode pod) {
        PodRun run = new PodRun(this, pod);
        runs.put(Json.uid(pod), run);
        run.start();
    }

    /** Takes a Pod that has ended its life on the node out of the store. */
    void remove(ObjectNode pod) {
        store().get(Key.of("pods", pod))
                .filter(p -> Json.uid(p).equals(Json.uid(pod)))
                .ifPresent(p -> {
                    ObjectNode now = Json.object().put("gracePeriodSeconds", 0);
                    resources.delete(types.named("pods"), Json.namespace(pod), Json.name(pod), now, Call.CONTROLLER);
                });
    }

    Optional<PodRun> run(String podUid) {
        return Optional.ofNullable(runs.get(podUid));
    }

    /** Runs a probe's command beside a container and tells the controllers' thread whether it succeeded. */
    void probe(PodRun run, JsonNode container, List<String> command, Consumer<Boolean> result) {
        try {
            ObjectNode probe = Json.object().put("name", "probe").put("terminationMessagePath", "/dev/probe-log");
            probe.set("command", Json.array(command));
            probe.set("volumeMounts", container.path("volumeMounts"));
            Path root = home.resolve(Json.uid(run.pod())).resolve("roots").resolve(Json.text(container, "/name"));
            ContainerEnvironment variables = new ContainerEnvironment(store(), run.pod(), container);
            new ContainerProcess(
                    probe,
                    List.of(),
                    variables,
                    root,
                    environment(run.pod()),
                    new ContainerLog(),
                    ended -> controllers.soon(() -> result.accept(ended.exitCode() == 0)));
        } catch (IOException | PodFiles.Missing cannotRun) {
            result.accept(false);
        }
    }

    /**
     * Fails a Pod from the node's side.
     *
     * @param reason such as {@code Evicted}
     * @param message what the Pod's status says
     */
    public void fail(String namespace, String pod, String reason, String message) {
        find(namespace, pod).ifPresent(run -> controllers.soon(() -> run.fail(reason, message)));
    }

    /** Ends a container as the kernel does when its memory limit is reached: exit code 137, reason OOMKilled. */
    public void killForMemory(String namespace, String pod, String container) {
        find(namespace, pod)
                .flatMap(run -> run.container(container))
                .ifPresent(c -> controllers.soon(c::killForMemory));
    }

    /** Cuts the node off: it does not hear that a Pod is to stop, which goes on. */
    public void cutOff() {
        cutOff = true;
    }

    /** Lets the node hear again, also of what it missed. */
    public void reconnect() {
        cutOff = false;
        controllers.soon(() -> runs.values().forEach(run -> store().get(Key.of("pods", run.pod()))
                .filter(Json::deleting)
                .ifPresent(pod ->
                        run.stop(pod.at("/metadata/deletionGracePeriodSeconds").asLong()))));
    }

    private Optional<PodRun> find(String namespace, String pod) {
        return store().get("pods", namespace, pod).flatMap(p -> run(Json.uid(p)));
    }

    void killAll() {
        runs.values().forEach(PodRun::kill);
    }
}
