package io.jenkins.plugins.ephemeral.bench.kube;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The requests that the server got, for budgets and for saying what must not have been asked. */
public final class Requests {
    /**
     * One request.
     *
     * @param user who sent it
     * @param verb API verb: {@code create}, {@code list}, {@code watch}, {@code patch}...; for other paths {@code get}
     * @param resource plural with subresource, such as {@code pods/log}; "" for other paths
     * @param method HTTP method
     * @param path path without the query
     * @param query query, "" when there is none
     * @param status HTTP status of the answer, 0 where the connection was broken instead
     */
    public record Request(
            String user, String verb, String resource, String method, String path, String query, int status) {
        @Override
        public String toString() {
            return status + " " + method + " " + path + (query.isEmpty() ? "" : "?" + query);
        }
    }

    private final List<Request> requests = new CopyOnWriteArrayList<>();

    Requests() {}

    void add(Request request) {
        requests.add(request);
    }

    /** All requests since the start or the last {@link #clear}, in the order of their answers. */
    public List<Request> all() {
        return List.copyOf(requests);
    }

    /** How many requests had that verb and resource; {@code *} stands for all. */
    public int count(String verb, String resource) {
        return (int) requests.stream()
                .filter(r -> (verb.equals("*") || verb.equals(r.verb()))
                        && (resource.equals("*") || resource.equals(r.resource())))
                .count();
    }

    /** Numbers by verb and resource, such as {@code "create jobs" -> 1}. */
    public Map<String, Integer> summary() {
        Map<String, Integer> summary = new TreeMap<>();
        requests.forEach(r ->
                summary.merge(r.verb() + " " + (r.resource().isEmpty() ? r.path() : r.resource()), 1, Integer::sum));
        return summary;
    }

    /** Forgets all requests so far. */
    public void clear() {
        requests.clear();
    }
}
