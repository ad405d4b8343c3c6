package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who owns which field of one object: reads, changes and writes back {@code metadata.managedFields}. */
final class ManagedFields {
    private record Owner(String manager, String operation, String apiVersion) {}

    private final Map<Owner, FieldSet> sets = new LinkedHashMap<>();
    private final Map<Owner, String> times = new LinkedHashMap<>();

    static ManagedFields of(JsonNode object) {
        ManagedFields managed = new ManagedFields();
        for (JsonNode entry : object.at("/metadata/managedFields")) {
            Owner owner = new Owner(
                    Json.text(entry, "/manager"), Json.text(entry, "/operation"), Json.text(entry, "/apiVersion"));
            managed.sets.put(owner, FieldSet.fromJson(entry.path("fieldsV1")));
            managed.times.put(owner, Json.text(entry, "/time"));
        }
        return managed;
    }

    /** After a write that is no apply: what changed belongs to its writer, and no longer to others. */
    static void updated(ObjectNode before, ObjectNode after, String manager, boolean custom) {
        ManagedFields managed = of(before);
        FieldSet now = FieldSet.of(after, custom);
        Owner writer = new Owner(manager, "Update", Json.text(after, "/apiVersion"));
        FieldSet own = managed.sets.getOrDefault(writer, new FieldSet());
        boolean any = false;
        for (List<String> path : now.paths()) {
            JsonNode value = FieldSet.value(after, path);
            if (!value.equals(FieldSet.value(before, path))) {
                managed.sets.values().forEach(s -> s.paths().remove(path));
                own.paths().add(path);
                any = true;
            }
        }
        if (any) {
            managed.sets.put(writer, own);
            managed.times.put(writer, Json.now());
        }
        managed.sets.values().forEach(s -> s.paths().retainAll(now.paths()));
        managed.writeTo(after);
    }

    /**
     * Applies a manager's wishes to an object.
     *
     * @param merged the live object with the wishes already merged in; fields given up are removed from it
     * @throws ApiError 409 naming the other owners, unless forced
     */
    static void applied(
            ObjectNode live, ObjectNode wishes, ObjectNode merged, String manager, boolean force, boolean custom) {
        ManagedFields managed = of(live);
        FieldSet wanted = FieldSet.of(wishes, custom);
        Owner self = new Owner(manager, "Apply", Json.text(wishes, "/apiVersion"));
        Map<String, List<String>> conflicts = managed.conflicts(self, wanted, live, wishes);
        if (!conflicts.isEmpty() && !force) {
            throw conflict(conflicts);
        }
        FieldSet before = managed.sets.getOrDefault(self, new FieldSet());
        for (Map.Entry<Owner, FieldSet> other : managed.sets.entrySet()) {
            if (!other.getKey().equals(self)) {
                other.getValue().paths().removeIf(p -> wanted.paths().contains(p) && !same(live, wishes, p));
            }
        }
        managed.sets.put(self, wanted);
        for (List<String> path : before.paths()) {
            List<String> element = path.get(path.size() - 1).equals(".") ? path.subList(0, path.size() - 1) : path;
            if (managed.sets.values().stream().noneMatch(s -> s.covers(element))) {
                FieldSet.remove(merged, path);
            }
        }
        boolean same =
                before.paths().equals(wanted.paths()) && withoutOwners(live).equals(withoutOwners(merged));
        managed.times.put(self, same ? managed.times.get(self) : Json.now());
        managed.writeTo(merged);
    }

    private static boolean same(JsonNode live, JsonNode wishes, List<String> path) {
        JsonNode value = FieldSet.value(wishes, path);
        return value == null || value.equals(FieldSet.value(live, path));
    }

    private static JsonNode withoutOwners(ObjectNode object) {
        ObjectNode copy = object.deepCopy();
        Json.meta(copy).remove("managedFields");
        return copy;
    }

    private Map<String, List<String>> conflicts(Owner self, FieldSet wanted, JsonNode live, JsonNode wishes) {
        Map<String, List<String>> conflicts = new TreeMap<>();
        sets.forEach((owner, set) -> {
            if (!owner.equals(self)) {
                set.paths().stream()
                        .filter(p -> wanted.paths().contains(p) && !same(live, wishes, p))
                        .map(FieldSet::show)
                        .sorted()
                        .forEach(f -> conflicts
                                .computeIfAbsent(show(owner), o -> new java.util.ArrayList<>())
                                .add(f));
            }
        });
        return conflicts;
    }

    /** Appliers are named alone, other writers with the version that they wrote in. */
    private static String show(Owner owner) {
        String name = "\"" + owner.manager() + "\"";
        return owner.operation().equals("Update") ? name + " using " + owner.apiVersion() : name;
    }

    private static ApiError conflict(Map<String, List<String>> conflicts) {
        long count = conflicts.values().stream().mapToInt(List::size).sum();
        StringBuilder message =
                new StringBuilder("Apply failed with " + count + (count == 1 ? " conflict:" : " conflicts:"));
        conflicts.forEach((owner, fields) -> {
            message.append(fields.size() == 1 ? " conflict with " : " conflicts with ")
                    .append(owner);
            message.append(fields.size() == 1 ? ": " + fields.get(0) : ":\n- " + String.join("\n- ", fields));
        });
        ApiError error = ApiError.of(409, "Conflict", message.toString());
        conflicts.forEach((owner, fields) ->
                fields.forEach(f -> error.cause("FieldManagerConflict", "conflict with " + owner, f)));
        return error;
    }

    private void writeTo(ObjectNode object) {
        ArrayNode list = Json.array();
        sets.forEach((owner, set) -> {
            if (!set.paths().isEmpty()) {
                ObjectNode entry = list.addObject();
                entry.put("manager", owner.manager());
                entry.put("operation", owner.operation());
                entry.put("apiVersion", owner.apiVersion());
                Json.put(entry, "time", times.get(owner));
                entry.put("fieldsType", "FieldsV1");
                entry.set("fieldsV1", set.toJson());
            }
        });
        Json.meta(object).set("managedFields", list);
    }
}
