package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.After;
import org.junit.Before;

/** What the parts of the suite share: a client, namespaces that go away again, and short ways to say things. */
public abstract class Conformance {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<String> namespaces = new ArrayList<>();
    private final List<KubernetesClient> clients = new ArrayList<>();
    protected KubernetesClient client;

    @Before
    public void openClient() {
        client = ConformanceSuite.client();
    }

    @After
    public void cleanUp() {
        for (String namespace : namespaces) {
            client.namespaces().withName(namespace).delete();
        }
        clients.forEach(KubernetesClient::close);
    }

    protected KubernetesClient client(io.fabric8.kubernetes.client.Config config) {
        KubernetesClient made = new KubernetesClientBuilder().withConfig(config).build();
        clients.add(made);
        return made;
    }

    /** A name that no other test has. */
    protected static String unique(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    /** A namespace of this test alone, deleted after it. */
    protected String emptyNamespace() {
        String name = unique("conformance");
        namespaces.add(name);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** The same, once Pods can be made in it. */
    protected String namespace() {
        String name = emptyNamespace();
        until(
                "the default service account",
                () -> client.serviceAccounts()
                                .inNamespace(name)
                                .withName("default")
                                .get()
                        != null);
        return name;
    }

    protected static void until(String what, Callable<Boolean> condition) {
        await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(condition);
    }

    /** The error that a call ends with. */
    protected static KubernetesClientException failure(ThrowingCallable call) {
        KubernetesClientException failure = catchThrowableOfType(KubernetesClientException.class, call);
        if (failure == null) {
            throw new AssertionError("the call succeeded");
        }
        return failure;
    }

    protected static String reason(KubernetesClientException failure) {
        return failure.getStatus().getReason();
    }

    protected static ConfigMap configMap(String namespace, String name, Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
    }

    protected <T> T yaml(String text, Class<T> type) {
        return Serialization.unmarshal(text, type);
    }

    protected Job createJob(String namespace, String text) {
        return client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .resource(yaml(text, Job.class))
                .create();
    }

    protected Job job(String namespace, String name) {
        return client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
    }

    /** The reason of a Job's true condition of that type, "" without one. */
    protected String condition(Job job, String type) {
        return job == null || job.getStatus() == null
                ? ""
                : job.getStatus().getConditions().stream()
                        .filter(c -> c.getType().equals(type) && c.getStatus().equals("True"))
                        .map(c -> c.getReason() == null ? "-" : c.getReason())
                        .findFirst()
                        .orElse("");
    }

    protected List<Pod> podsOf(String namespace, String job) {
        return client.pods()
                .inNamespace(namespace)
                .withLabel("job-name", job)
                .list()
                .getItems();
    }

    protected Pod podOf(String namespace, String job) {
        until("a pod of job " + job, () -> !podsOf(namespace, job).isEmpty());
        return podsOf(namespace, job).get(0);
    }

    protected Pod pod(String namespace, String name) {
        return client.pods().inNamespace(namespace).withName(name).get();
    }

    protected String phase(String namespace, String name) {
        Pod pod = pod(namespace, name);
        return pod == null ? "gone" : pod.getStatus().getPhase();
    }

    protected List<Event> events(String namespace, String uid) {
        return client.v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.uid", uid)
                .list()
                .getItems();
    }

    protected void untilEvent(String namespace, String uid, String reason, String text) {
        until("event " + reason + " with: " + text, () -> events(namespace, uid).stream()
                .anyMatch(e -> e.getReason().equals(reason) && e.getMessage().contains(text)));
    }

    /** Whether somebody may do something; a null namespace means the whole cluster. */
    protected static boolean may(KubernetesClient who, String ns, String verb, String group, String resource) {
        return may(who, ns, verb, group, resource, null);
    }

    /** The same for one object alone. */
    protected static boolean may(
            KubernetesClient who, String ns, String verb, String group, String resource, String name) {
        String[] parts = resource.split("/", 2);
        return who.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withNamespace(ns)
                        .withVerb(verb)
                        .withGroup(group)
                        .withResource(parts[0])
                        .withSubresource(parts.length > 1 ? parts[1] : null)
                        .withName(name)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed();
    }

    protected GenericKubernetesResource generic(String text) {
        return Serialization.unmarshal(text, GenericKubernetesResource.class);
    }
}
