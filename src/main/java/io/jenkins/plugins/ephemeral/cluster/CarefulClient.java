package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import java.lang.ref.WeakReference;
import java.util.function.Function;

/**
 * Makes requests on the connections and with the credentials of a borrowed client, but nothing is asked for twice, and
 * the limiter hears of each {@code Retry-After}.
 */
final class CarefulClient {
    private static final int LONGEST_REQUEST_MILLIS = 20_000;

    private final RequestLimiter limiter;
    private WeakReference<KubernetesClient> madeFrom = new WeakReference<>(null);
    private NamespacedKubernetesClient made;

    CarefulClient(RequestLimiter limiter) {
        this.limiter = limiter;
    }

    /** Makes one request; the client that it is given is valid for this call only. */
    <T> T call(NamespacedKubernetesClient borrowed, Function<KubernetesClient, T> request) {
        return of(borrowed)
                .withRequestConfig(withoutRetries(borrowed.getConfiguration()))
                .call(request::apply);
    }

    private synchronized NamespacedKubernetesClient of(NamespacedKubernetesClient borrowed) {
        if (madeFrom.get() != borrowed) {
            made = new KubernetesClientImpl(
                    new PostOnce(borrowed.getHttpClient()
                            .newBuilder()
                            .addOrReplaceInterceptor(RetryAfterInterceptor.NAME, new RetryAfterInterceptor(limiter))
                            .build()),
                    borrowed.getConfiguration());
            madeFrom = new WeakReference<>(borrowed);
        }
        return made;
    }

    /**
     * A client's own settings without its retries: it would hold the thread for up to 20 s and repeat a POST whose
     * answer was lost; the driver retries, and knows what it repeats. Watches are opened anew by {@link Hints}.
     */
    static RequestConfig withoutRetries(Config config) {
        RequestConfig own = config.getRequestConfig();
        return new RequestConfigBuilder(own)
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectLimit(0)
                .withRequestTimeout(Math.min(own.getRequestTimeout(), LONGEST_REQUEST_MILLIS))
                .build();
    }
}
