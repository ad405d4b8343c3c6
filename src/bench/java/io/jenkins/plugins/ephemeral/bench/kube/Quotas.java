package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** ResourceQuotas: counted into their status, enforced on creation; and the defaults that LimitRanges give to containers. */
final class Quotas {
    private final Store store;

    Quotas(Store store) {
        this.store = store;
    }

    /** Refuses an object that a counted quota of its namespace has no room for. */
    void admit(ResourceType type, String namespace, ObjectNode object) {
        if (!type.namespaced()) {
            return;
        }
        for (ObjectNode quota : store.list("resourcequotas", namespace)) {
            JsonNode hard = quota.at("/status/hard");
            Map<String, BigDecimal> asked = usage(type.qualified(), object);
            asked.keySet().removeIf(resource -> !hard.has(resource));
            requireCompute(type, object, quota, hard, asked);
            Map<String, BigDecimal> used = used(namespace, hard);
            List<String> exceeded = asked.keySet().stream()
                    .filter(r -> used.get(r)
                                    .add(asked.get(r))
                                    .compareTo(Quantity.parse(hard.get(r).asText()))
                            > 0)
                    .toList();
            if (!exceeded.isEmpty()) {
                throw ApiError.forbidden(
                        type,
                        Json.name(object),
                        "exceeded quota: " + Json.name(quota) + ", requested: "
                                + show(exceeded, r -> Quantity.show(asked.get(r))) + ", used: "
                                + show(exceeded, r -> Quantity.show(used.get(r))) + ", limited: "
                                + show(exceeded, r -> hard.get(r).asText()));
            }
        }
    }

    private static String show(List<String> resources, java.util.function.UnaryOperator<String> value) {
        return String.join(
                ",", resources.stream().map(r -> r + "=" + value.apply(r)).toList());
    }

    /** A quota on cpu or memory demands that every container states it. */
    private static void requireCompute(
            ResourceType type, ObjectNode object, ObjectNode quota, JsonNode hard, Map<String, BigDecimal> asked) {
        if (!type.is("pods")) {
            return;
        }
        List<String> missing = new ArrayList<>();
        hard.fieldNames().forEachRemaining(r -> {
            if (r.matches("(requests\\.|limits\\.)?(cpu|memory)") && !asked.containsKey(r)) {
                missing.add(r);
            }
        });
        if (!missing.isEmpty()) {
            throw ApiError.forbidden(
                    type,
                    Json.name(object),
                    "failed quota: " + Json.name(quota) + ": must specify " + String.join(",", missing));
        }
    }

    /** Recounts every quota of a namespace. */
    void recount(String namespace) {
        for (ObjectNode quota : store.list("resourcequotas", namespace)) {
            JsonNode hard = quota.at("/spec/hard");
            Map<String, BigDecimal> used = used(namespace, hard);
            store.updateStatus(new Key("resourcequotas", namespace, Json.name(quota)), status -> {
                status.set("hard", hard.deepCopy());
                ObjectNode counted = status.putObject("used");
                used.forEach((resource, value) -> counted.put(resource, Quantity.show(value)));
            });
        }
    }

    private Map<String, BigDecimal> used(String namespace, JsonNode hard) {
        Map<String, BigDecimal> used = new TreeMap<>();
        hard.fieldNames().forEachRemaining(r -> used.put(r, BigDecimal.ZERO));
        store.inNamespace(namespace)
                .forEach((key, object) -> usage(key.type(), object).forEach((resource, amount) -> {
                    if (used.containsKey(resource)) {
                        used.merge(resource, amount, BigDecimal::add);
                    }
                }));
        return used;
    }

    /** What one object takes, by the resource names of quotas. */
    private static Map<String, BigDecimal> usage(String type, ObjectNode object) {
        Map<String, BigDecimal> usage = new TreeMap<>();
        usage.put("count/" + type, BigDecimal.ONE);
        if (!type.equals("pods")) {
            usage.put(type, BigDecimal.ONE);
            return usage;
        }
        String phase = Json.text(object, "/status/phase");
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            return usage;
        }
        usage.put("pods", BigDecimal.ONE);
        for (String kind : new String[] {"requests", "limits"}) {
            for (String resource : new String[] {"cpu", "memory"}) {
                BigDecimal sum = sum(object, kind, resource);
                if (sum != null) {
                    usage.put(kind + "." + resource, sum);
                    if (kind.equals("requests")) {
                        usage.put(resource, sum);
                    }
                }
            }
        }
        return usage;
    }

    private static BigDecimal sum(ObjectNode pod, String kind, String resource) {
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode container : pod.at("/spec/containers")) {
            JsonNode value = container.at("/resources").path(kind).path(resource);
            if (value.isMissingNode()) {
                return null;
            }
            sum = sum.add(Quantity.parse(value.asText()));
        }
        return sum;
    }

    /** Fills in the requests and limits that a container leaves open. */
    void limitRange(String namespace, ObjectNode pod) {
        List<JsonNode> limits = new ArrayList<>();
        store.list("limitranges", namespace)
                .forEach(range -> range.at("/spec/limits").forEach(limits::add));
        for (String list : new String[] {"initContainers", "containers"}) {
            for (JsonNode each : pod.at("/spec").path(list)) {
                ObjectNode resources = Json.child((ObjectNode) each, "resources");
                limits.stream()
                        .filter(l -> Json.text(l, "/type").equals("Container"))
                        .forEach(l -> {
                            fill(resources, "limits", l.path("default"));
                            fill(resources, "requests", l.path("defaultRequest"));
                        });
                fill(resources, "requests", resources.path("limits"));
            }
        }
    }

    private static void fill(ObjectNode resources, String kind, JsonNode defaults) {
        defaults.properties().forEach(d -> {
            if (!resources.path(kind).has(d.getKey())) {
                Json.child(resources, kind).set(d.getKey(), d.getValue());
            }
        });
    }
}
