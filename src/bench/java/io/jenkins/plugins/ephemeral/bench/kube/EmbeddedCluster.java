package io.jenkins.plugins.ephemeral.bench.kube;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A Kubernetes cluster in this JVM, listening on 127.0.0.1. Pods run as local processes: an image is only a name, and a mount
 * {@code /x} of a container is at {@code $EPHEMERAL_ROOT/x} (see {@link PodFiles}).
 *
 * <pre>{@code
 * try (EmbeddedCluster cluster = EmbeddedCluster.start();
 *         KubernetesClient client = new KubernetesClientBuilder().withConfig(cluster.config()).build()) { ... }
 * }</pre>
 */
public final class EmbeddedCluster implements AutoCloseable {
    private static final String DEFAULT_VERSION = "1.31.0";
    private static final long BOOKMARK_MILLISECONDS = 5000;

    private final Path home;
    private final Store store = new Store();
    private final ResourceTypes types = new ResourceTypes();
    private final Rights rights = new Rights();
    private final Images images = new Images();
    private final Requests requests = new Requests();
    private final Controllers controllers = new Controllers();
    private final Watches watches = new Watches(store);
    private final Namespaces namespaces;
    private final Jobs jobs;
    private final Kubelet kubelet;
    private final ServerCertificate certificate;
    private final ApiServer server;
    private final String adminToken = rights.token("kubernetes-admin");

    private EmbeddedCluster(ServerVersion version, boolean tls) {
        try {
            home = Files.createTempDirectory("embedded-cluster");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        certificate = tls ? ServerCertificate.make(home) : null;
        Quotas quotas = new Quotas(store);
        Rbac rbac = new Rbac(store, rights);
        CustomResources customResources = new CustomResources(store, types);
        Admission admission = new Admission(store, quotas, rbac, customResources, version);
        Resources resources = new Resources(store, admission);
        EventRecorder events = new EventRecorder(store);
        namespaces = new Namespaces(resources, types, controllers);
        jobs = new Jobs(resources, types, controllers, events, version);
        kubelet = new Kubelet(resources, types, controllers, events, images, rights, home);
        Routes routes = new Routes(
                types,
                resources,
                admission,
                rbac,
                rights,
                new Reviews(rbac, rights, store, version),
                new Discovery(types, admission, version));
        server = new ApiServer(routes, watches, new PodLogs(kubelet, resources), requests, certificate);
        control(resources, quotas, events, customResources);
    }

    private void control(Resources resources, Quotas quotas, EventRecorder events, CustomResources customResources) {
        controllers.onChange(store, namespaces::on);
        controllers.onChange(store, jobs::on);
        controllers.onChange(store, new Deployments(resources, types, controllers, events)::on);
        controllers.onChange(store, kubelet::on);
        controllers.onChange(store, new GarbageCollector(resources, types)::on);
        controllers.onChange(store, change -> {
            if (!change.type().equals("events")) {
                quotas.recount(Json.namespace(change.object()));
            }
        });
        controllers.onChange(store, change -> {
            if (change.type().equals(CustomResources.DEFINITIONS)) {
                if (change.after() == null) {
                    customResources.remove(Json.name(change.object()));
                } else {
                    customResources.establish(Json.name(change.object()));
                }
            }
        });
        for (String namespace : Admission.PERMANENT) {
            var object = Json.object();
            Json.meta(object).put("name", namespace);
            resources.create(types.named("namespaces"), "", object, Call.CONTROLLER);
        }
        Rbac.WELL_KNOWN_ROLES.forEach((name, verbs) -> {
            var role = Json.object();
            Json.meta(role).put("name", name);
            var rule = role.putArray("rules").addObject();
            rule.putArray("apiGroups").add("*");
            rule.putArray("resources").add("*");
            rule.set("verbs", Json.array(verbs));
            resources.create(types.named("clusterroles.rbac.authorization.k8s.io"), "", role, Call.CONTROLLER);
        });
    }

    /** Starts a cluster that says it is of a recent version. */
    public static EmbeddedCluster start() {
        return start(DEFAULT_VERSION);
    }

    /**
     * Starts a cluster.
     *
     * @param version what {@code /version} says, such as {@code 1.20.2}; what depends on it otherwise is in {@link ServerVersion}
     */
    public static EmbeddedCluster start(String version) {
        return start(new EmbeddedCluster(new ServerVersion(version), false));
    }

    /** Starts a cluster that speaks HTTPS only, with a certificate of its own. */
    public static EmbeddedCluster startWithTls() {
        return start(new EmbeddedCluster(new ServerVersion(DEFAULT_VERSION), true));
    }

    private static EmbeddedCluster start(EmbeddedCluster cluster) {
        cluster.server.listen();
        cluster.kubelet.register(cluster.server.port());
        cluster.server.every(BOOKMARK_MILLISECONDS, cluster.watches::bookmark);
        return cluster;
    }

    /** Base address, {@code http://127.0.0.1:<port>/} or {@code https}. */
    public String masterUrl() {
        return (certificate == null ? "http" : "https") + "://127.0.0.1:" + server.port() + "/";
    }

    /** A client configuration of the administrator, made from {@code Config.empty()}. */
    public Config config() {
        return config(adminToken);
    }

    /**
     * A client configuration with a bearer token, such as one of {@link Rights#token}.
     *
     * @param token bearer token
     */
    public Config config(String token) {
        Config config = Config.empty();
        config.setMasterUrl(masterUrl());
        config.setCaCertData(certificate == null ? null : certificate.authorityData());
        config.setOauthToken(token);
        config.setNamespace("default");
        return config;
    }

    /** The administrator's kubeconfig. */
    public String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: embedded
                  cluster: {server: "%s"%s}
                users:
                - name: kubernetes-admin
                  user: {token: "%s"}
                contexts:
                - name: embedded
                  context: {cluster: embedded, user: kubernetes-admin, namespace: default}
                current-context: embedded
                """
                .formatted(
                        masterUrl(),
                        certificate == null
                                ? ""
                                : ", certificate-authority-data: \"" + certificate.authorityData() + "\"",
                        adminToken);
    }

    /** The requests so far. */
    public Requests requests() {
        return requests;
    }

    /** What shall go wrong. */
    public Faults faults() {
        return server.faults();
    }

    /** How namespaces live and end. */
    public Namespaces namespaces() {
        return namespaces;
    }

    /** Users, tokens and rights taken away. */
    public Rights rights() {
        return rights;
    }

    /** What answers behind Services. */
    public ServiceProxies serviceProxies() {
        return server.serviceProxies();
    }

    /** Which images there are and what they run. */
    public Images images() {
        return images;
    }

    /** The node: evictions and memory limits. */
    public Kubelet kubelet() {
        return kubelet;
    }

    /**
     * Lets the deletion of a namespace get stuck on an object with a finalizer; {@link Namespaces#release} ends it.
     *
     * @param namespace an existing namespace
     * @param finalizer such as {@code example.com/hold}
     */
    public void stuckFinalizer(String namespace, String finalizer) {
        namespaces.hold(namespace, finalizer);
    }

    /** The first pause before a Job's failed Pod is replaced: 100 ms unless told, 10 s on a real cluster. */
    public void jobRetryDelay(Duration delay) {
        jobs.firstRetryDelay(delay);
    }

    /** Forgets the history, so that watches and list continuations from before expire with 410. */
    public void compact() {
        store.compact();
    }

    /** How many connections clients have open. */
    public int openConnections() {
        return server.connections();
    }

    /** How many watches are open. */
    public int openWatches() {
        return watches.count();
    }

    /** Ends all processes and connections, and forgets everything. */
    @Override
    public void close() {
        controllers.close();
        kubelet.killAll();
        server.close();
        PodFiles.delete(home);
    }
}
