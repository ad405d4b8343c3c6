package io.jenkins.plugins.ephemeral.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Preconditions;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * One cluster as the rooms see it: every request to its API server goes through {@link #call}, which passes the gate
 * and the limiter and turns errors into the three families. Thread-safe. Never call it on a CPS or request thread.
 */
public final class Cluster {
    private static final long PAGE = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ClusterAccess access;
    private final RequestLimiter limiter;
    private final Outside outside;
    private final Hints hints;
    private final Identity identity;
    private final CarefulClient careful;
    private final Silence silence;

    /**
     * A cluster whose watches look at what any controller made there.
     *
     * @param access endpoint and identity
     * @param limiter how many requests per second the API server is asked for at most
     * @param outside the gate of outside calls
     */
    public Cluster(ClusterAccess access, RequestLimiter limiter, Outside outside) {
        this(access, limiter, outside, null);
    }

    /**
     * @param access endpoint and identity
     * @param limiter how many requests per second the API server is asked for at most
     * @param outside the gate of outside calls
     * @param controllerId id of this controller, by which its watches are filtered; null for those of any
     */
    public Cluster(ClusterAccess access, RequestLimiter limiter, Outside outside, String controllerId) {
        this.access = Objects.requireNonNull(access);
        this.limiter = Objects.requireNonNull(limiter);
        this.outside = Objects.requireNonNull(outside);
        this.hints = new Hints(this, controllerId);
        this.identity = new Identity(this);
        this.careful = new CarefulClient(limiter);
        this.silence = new Silence(access.name());
    }

    /** Where and as whom, as it is configured. */
    ClusterAccess access() {
        return access;
    }

    /** The name users know it by. */
    public String name() {
        return access.name();
    }

    /**
     * Makes one request.
     *
     * @param what what is being done, a clause for messages: {@code "reading Job plan"}; its first two words name the
     *     call at the gate, so they must not vary
     * @param object namespace and name of the object, {@code "shop-pr-41/plan"}; the cluster is added
     * @param request the request, on a client that is valid for this call only
     * @return the answer
     * @throws io.jenkins.plugins.ephemeral.outside.Fault one of the three families
     */
    public <T> T call(String what, String object, Function<KubernetesClient, T> request) {
        Turn turn = Turn.current();
        Silence.Call mine = silence.begin(turn != null && turn.hasPassed(limiter));
        try {
            limiter.acquire(name());
            return ask(what, object, request, mine);
        } finally {
            mine.over();
        }
    }

    private <T> T ask(String what, String object, Function<KubernetesClient, T> request, Silence.Call mine) {
        NamespacedKubernetesClient borrowed = borrow();
        try {
            return outside.call(point(what), () -> {
                T answer = careful.call(borrowed, request);
                if (!(answer instanceof Future)) { // one that is only under way says nothing of the server
                    mine.answered();
                }
                return answer;
            });
        } catch (KubernetesClientException e) {
            if (e.getCode() > 0) {
                mine.answered();
            } else {
                mine.unanswered();
            }
            if (e.getCode() == 401 && wasReplaced(borrowed)) {
                // the credentials were renewed while it was under way
                throw Faults.ofClient(e, what, name() + '/' + object);
            }
            throw Faults.of(e, what, name() + '/' + object, limiter);
        } catch (RejectedExecutionException e) {
            throw Faults.ofClient(e, what, name() + '/' + object);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The client of this moment; its identity tells whether it was replaced since. */
    NamespacedKubernetesClient borrow() {
        return access.client().adapt(NamespacedKubernetesClient.class);
    }

    private boolean wasReplaced(NamespacedKubernetesClient borrowed) {
        try {
            return borrow() != borrowed;
        } catch (RuntimeException e) {
            return false; // there is none at all any more: what the server said says more
        }
    }

    /**
     * Creates or updates by server-side apply with our field manager; a field that somebody else owns is left alone.
     *
     * @param desired a fresh object that holds only what we want to own; never one that was read
     * @return the object as it is then
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if a field is owned by another manager, naming it
     */
    public <T extends HasMetadata> T apply(T desired) {
        return call("applying " + desired.getKind(), path(desired), client -> client.resource(desired)
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager(Labels.MANAGED_BY_VALUE)
                                .withForce(false)
                                .build(),
                        desired));
    }

    /**
     * Creates an object.
     *
     * @return the object, or empty if there is one of that name already (409): then read it and compare
     */
    public <T extends HasMetadata> Optional<T> create(T desired) {
        return call("creating " + desired.getKind(), path(desired), client -> {
            try {
                return Optional.of(client.resource(desired).create());
            } catch (KubernetesClientException e) {
                if (Faults.isAlreadyExists(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /**
     * Replaces an object if it still is as it was read.
     *
     * @param desired the object, with the resource version that was read
     * @return what is there now, or empty if it was changed since (409): then read it again
     */
    public <T extends HasMetadata> Optional<T> replace(T desired) {
        return call("replacing " + desired.getKind(), path(desired), client -> {
            try {
                return Optional.of(client.resource(desired).update());
            } catch (KubernetesClientException e) {
                if (e.getCode() == 409) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /**
     * Asks the server by a dry run whether it would create an object.
     *
     * @return false if there is one of that name already
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if it would refuse it
     */
    public boolean wouldCreate(HasMetadata desired) {
        return call("trying " + desired.getKind(), path(desired), client -> {
            try {
                client.resource(desired).dryRun().create();
                return true;
            } catch (KubernetesClientException e) {
                if (Faults.isAlreadyExists(e)) {
                    return false;
                }
                throw e;
            }
        });
    }

    /**
     * Reads an object.
     *
     * @param type its type
     * @param namespace its namespace, or null if it is cluster-scoped
     * @param name its name
     * @return the object, or empty if there is none
     */
    public <T extends HasMetadata> Optional<T> get(Class<T> type, String namespace, String name) {
        return call("reading " + type.getSimpleName(), path(namespace, name), client -> {
            Resource<T> resource = namespace == null
                    ? client.resources(type).withName(name)
                    : client.resources(type).inNamespace(namespace).withName(name);
            return Optional.ofNullable(resource.get());
        });
    }

    /**
     * Lists objects by labels, in pages: a request each, so that no answer is large.
     *
     * @param type their type
     * @param namespace their namespace, or null for cluster-scoped ones
     * @param labels labels that all of them carry
     */
    public <T extends HasMetadata> List<T> list(Class<T> type, String namespace, Map<String, String> labels) {
        return list(type, namespace, labels, PAGE);
    }

    <T extends HasMetadata> List<T> list(Class<T> type, String namespace, Map<String, String> labels, long pageSize) {
        List<T> all = new ArrayList<>();
        String next = null;
        do {
            ListOptions page = new ListOptionsBuilder()
                    .withLimit(pageSize)
                    .withContinue(next)
                    .build();
            KubernetesResourceList<T> some = call(
                    "listing " + type.getSimpleName(),
                    path(namespace, labels.toString()),
                    client -> namespace == null
                            ? client.resources(type).withLabels(labels).list(page)
                            : client.resources(type)
                                    .inNamespace(namespace)
                                    .withLabels(labels)
                                    .list(page));
            all.addAll(some.getItems());
            next = some.getMetadata() == null ? null : some.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());
        return all;
    }

    /**
     * Writes labels and annotations on an object if it still is the one that was read.
     *
     * @param object the object as it was read; only its identity and version are used
     * @param labels what they shall be, null to take one off; others stay as they are
     * @param annotations what they shall be, null to take one off; others stay as they are
     * @throws io.jenkins.plugins.ephemeral.outside.TransientFault if it was changed since, or is another one of that
     *     name now: then read it again
     */
    public void mark(HasMetadata object, Map<String, String> labels, Map<String, String> annotations) {
        // both are preconditions; a merge patch takes off what is null, which the usual mapper leaves out
        ObjectNode metadata = JSON.createObjectNode();
        metadata.put("uid", object.getMetadata().getUid());
        metadata.put("resourceVersion", object.getMetadata().getResourceVersion());
        metadata.set("labels", JSON.valueToTree(labels));
        metadata.set("annotations", JSON.valueToTree(annotations));
        String patch = JSON.createObjectNode().set("metadata", metadata).toString();
        call("annotating " + object.getKind(), path(object), client -> client.resource(object)
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    /**
     * Changes an object if it still is as it was read.
     *
     * @param object the object as it was read
     * @param mergePatch JSON merge patch; a UID and a resource version in its metadata are preconditions
     * @return false if it was changed since
     */
    public boolean patched(HasMetadata object, String mergePatch) {
        return call("changing " + object.getKind(), path(object), client -> {
            try {
                client.resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), mergePatch);
                return true;
            } catch (KubernetesClientException e) {
                if (e.getCode() == 409) {
                    return false;
                }
                throw e;
            }
        });
    }

    /** One cheap request that everybody may make; returns if there is an answer. */
    public void ping() {
        call("reading version", "of the API server", KubernetesClient::getKubernetesVersion);
    }

    /**
     * Deletes an object if it still is the one we mean; one that is gone, or another one of that name, counts as
     * deleted.
     *
     * @param type its type
     * @param namespace its namespace, or null if it is cluster-scoped
     * @param name its name
     * @param uid its UID
     * @param gracePeriodSeconds grace for its Pods, or -1 for the server's default
     * @return whether there was such an object
     */
    public <T extends HasMetadata> boolean delete(
            Class<T> type, String namespace, String name, String uid, long gracePeriodSeconds) {
        return delete(type, namespace, name, uid, gracePeriodSeconds, DeletionPropagation.BACKGROUND);
    }

    /**
     * Deletes an object if it still is the one we mean, and says what becomes of those that it owns.
     *
     * @param type its type
     * @param namespace its namespace, or null if it is cluster-scoped
     * @param name its name
     * @param uid its UID
     * @param gracePeriodSeconds grace for its Pods, or -1 for the server's default
     * @param propagation FOREGROUND to have it stay until those that it owns are gone
     * @return whether there was such an object
     */
    public <T extends HasMetadata> boolean delete(
            Class<T> type,
            String namespace,
            String name,
            String uid,
            long gracePeriodSeconds,
            DeletionPropagation propagation) {
        return call(
                "deleting " + type.getSimpleName(),
                path(namespace, name),
                client -> Deletion.of(client, type, namespace, name, uid, gracePeriodSeconds, propagation));
    }

    /**
     * Deletes an object of a kind that has no type here; as {@link #delete(Class, String, String, String, long)}, with
     * the server's grace.
     */
    public boolean delete(ResourceDefinitionContext kind, String namespace, String name, String uid) {
        return call(
                "deleting " + kind.getKind(),
                path(namespace, name),
                client -> Deletion.of(client, kind, namespace, name, uid, -1, DeletionPropagation.BACKGROUND));
    }

    /** Where steps say what they wait for, to be woken by a watch before the next slow look. */
    public Hints hints() {
        return hints;
    }

    /** What goes to its API server, and what waits. No I/O. */
    public Traffic traffic() {
        return limiter.traffic();
    }

    /** Who we are there. */
    public Identity identity() {
        return identity;
    }

    /** What we may do there. */
    public AccessReviews reviews() {
        return new AccessReviews(this);
    }

    /**
     * Asks for a short-lived token of a service account, as kubeconfig.
     *
     * @param lifetime at least ten minutes; the server may give less
     */
    public IssuedKubeconfig kubeconfig(String namespace, String serviceAccount, Duration lifetime) {
        return IssuedKubeconfig.issue(this, namespace, serviceAccount, lifetime);
    }

    /** Port of the API server as Jenkins reaches it; no request. */
    public int serverPort() {
        int port = borrow().getMasterUrl().getPort();
        return port > 0 ? port : 443;
    }

    /** Precondition that a delete is about exactly this object. */
    static Preconditions onlyUid(String uid) {
        return new Preconditions(null, uid);
    }

    private static String path(HasMetadata object) {
        return path(object.getMetadata().getNamespace(), object.getMetadata().getName());
    }

    private static String path(String namespace, String name) {
        return namespace == null ? name : namespace + '/' + name;
    }

    private static String point(String what) {
        int end = what.indexOf(' ', what.indexOf(' ') + 1);
        return end < 0 ? what : what.substring(0, end);
    }
}
