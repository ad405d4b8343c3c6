package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The values that the API server fills in, as far as clients see or need them. */
final class Defaults {
    private Defaults() {}

    static void onCreate(ResourceType type, ObjectNode object, boolean hasStatus) {
        if (hasStatus) {
            object.remove("status");
        }
        switch (type.qualified()) {
            case "namespaces" -> {
                Json.child(Json.meta(object), "labels").put("kubernetes.io/metadata.name", Json.name(object));
                Json.child(object, "spec").putArray("finalizers").add("kubernetes");
                object.putObject("status").put("phase", "Active");
            }
            case "pods" -> {
                pod(Json.child(object, "spec"));
                object.putObject("status").put("phase", "Pending").put("qosClass", "BestEffort");
            }
            case "jobs.batch" -> job(object);
            case "deployments.apps" -> deployment(object);
            case "services" -> {
                ObjectNode spec = Json.child(object, "spec");
                fallback(spec, "type", "ClusterIP");
                fallback(
                        spec,
                        "clusterIP",
                        "10.96.0." + (2 + Math.floorMod(Json.name(object).hashCode(), 250)));
                spec.path("ports").forEach(p -> fallback((ObjectNode) p, "protocol", "TCP"));
                object.putObject("status").putObject("loadBalancer");
            }
            case "persistentvolumeclaims" -> object.putObject("status").put("phase", "Pending");
            default -> {}
        }
        onUpdate(type, object);
    }

    /** What is rewritten on every write. */
    static void onUpdate(ResourceType type, ObjectNode object) {
        if (type.is("secrets")) {
            onApply(type, object);
            fallback(object, "type", "Opaque");
        }
    }

    /** {@code stringData} is for writing only: it becomes {@code data}. */
    static void onApply(ResourceType type, ObjectNode object) {
        if (type.is("secrets") && object.remove("stringData") instanceof ObjectNode texts) {
            texts.properties().forEach(t -> Json.child(object, "data")
                    .put(
                            t.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(t.getValue().asText().getBytes(StandardCharsets.UTF_8))));
        }
    }

    private static void fallback(ObjectNode node, String field, String value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }

    private static void fallback(ObjectNode node, String field, int value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }

    private static void pod(ObjectNode spec) {
        fallback(spec, "restartPolicy", "Always");
        fallback(spec, "dnsPolicy", "ClusterFirst");
        fallback(spec, "terminationGracePeriodSeconds", 30);
        fallback(spec, "schedulerName", "default-scheduler");
        fallback(spec, "serviceAccountName", "default");
        spec.put("serviceAccount", Json.text(spec, "/serviceAccountName"));
        Json.child(spec, "securityContext");
        containers(spec);
    }

    private static void containers(ObjectNode spec) {
        for (String list : new String[] {"initContainers", "containers"}) {
            for (JsonNode each : spec.path(list)) {
                ObjectNode container = (ObjectNode) each;
                Json.child(container, "resources");
                fallback(container, "terminationMessagePath", "/dev/termination-log");
                fallback(container, "terminationMessagePolicy", "File");
                String image = Json.text(container, "/image");
                boolean latest = image.endsWith(":latest")
                        || !image.substring(image.lastIndexOf('/') + 1).contains(":");
                fallback(container, "imagePullPolicy", latest ? "Always" : "IfNotPresent");
                container.path("ports").forEach(p -> fallback((ObjectNode) p, "protocol", "TCP"));
            }
        }
    }

    private static void job(ObjectNode job) {
        ObjectNode spec = Json.child(job, "spec");
        fallback(spec, "parallelism", 1);
        fallback(spec, "completions", 1);
        fallback(spec, "backoffLimit", 6);
        fallback(spec, "completionMode", "NonIndexed");
        if (!spec.hasNonNull("suspend")) {
            spec.put("suspend", false);
        }
        String uid = Json.uid(job);
        ObjectNode labels = Json.child(spec, "template", "metadata", "labels");
        if (!Json.meta(job).path("labels").isObject() && !labels.isEmpty()) {
            Json.meta(job).set("labels", labels.deepCopy());
        }
        labels.put("controller-uid", uid).put("job-name", Json.name(job));
        labels.put("batch.kubernetes.io/controller-uid", uid).put("batch.kubernetes.io/job-name", Json.name(job));
        Json.child(spec, "selector", "matchLabels").put("batch.kubernetes.io/controller-uid", uid);
        template(spec);
    }

    private static void template(ObjectNode spec) {
        ObjectNode pod = Json.child(spec, "template", "spec");
        fallback(pod, "dnsPolicy", "ClusterFirst");
        fallback(pod, "terminationGracePeriodSeconds", 30);
        containers(pod);
    }

    private static void deployment(ObjectNode deployment) {
        ObjectNode spec = Json.child(deployment, "spec");
        fallback(spec, "replicas", 1);
        fallback(spec, "progressDeadlineSeconds", 600);
        fallback(spec, "revisionHistoryLimit", 10);
        ObjectNode strategy = Json.child(spec, "strategy");
        fallback(strategy, "type", "RollingUpdate");
        fallback(Json.child(spec, "template", "spec"), "restartPolicy", "Always");
        template(spec);
    }
}
