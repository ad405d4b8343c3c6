package io.jenkins.plugins.ephemeral.bench.kube;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What answers behind Services when they are asked through the API server ({@code services/NAME:PORT/proxy/...}). Pods
 * have no network here, so a test says what is there.
 */
public final class ServiceProxies {
    /** What answers behind a Service. */
    @FunctionalInterface
    public interface Backend {
        /**
         * Answers a request.
         *
         * @param path path and query, as the Service sees it
         */
        Response answer(String method, String path, byte[] body);
    }

    /**
     * An answer.
     *
     * @param body JSON or text
     */
    public record Response(int status, String body) {}

    private final Map<String, Backend> backends = new ConcurrentHashMap<>();

    /**
     * Puts something behind a Service.
     *
     * @param service {@code name:port}
     */
    public void put(String namespace, String service, Backend backend) {
        backends.put(namespace + '/' + service, backend);
    }

    /** Takes it away: the Service has no endpoints. */
    public void remove(String namespace, String service) {
        backends.remove(namespace + '/' + service);
    }

    Routes.Answer answer(ApiRequest request) {
        Backend backend = backends.get(request.namespace() + '/' + request.name());
        if (backend == null) {
            throw ApiError.of(
                    503, "ServiceUnavailable", "no endpoints available for service \"" + request.name() + '"');
        }
        String query = request.queryText();
        Response response = backend.answer(
                request.method(),
                '/' + request.afterSubresource() + (query.isEmpty() ? "" : '?' + query),
                request.bytes());
        return new Routes.Answer(response.status(), Json.MAPPER.getNodeFactory().textNode(response.body()));
    }
}
