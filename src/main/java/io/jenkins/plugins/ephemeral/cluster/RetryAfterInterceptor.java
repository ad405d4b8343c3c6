package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * Tells the limiter of a {@code Retry-After} header, which is not in the client library's exception: an API server that
 * sheds load answers 429 in plain text with nothing but that header (k8s.io/apiserver, filters/maxinflight.go,
 * {@code tooManyRequests}).
 */
final class RetryAfterInterceptor implements Interceptor {
    static final String NAME = "EPHEMERAL-RETRY-AFTER";
    /** Longer ones are mistakes, or meant for crawlers. */
    private static final long LONGEST_SECONDS = 300;

    private final RequestLimiter limiter;

    RetryAfterInterceptor(RequestLimiter limiter) {
        this.limiter = limiter;
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        if (response.code() != 429 && response.code() != 503) {
            return;
        }
        String header = response.header("Retry-After");
        // seconds; of the other form, a date, no API server makes use
        if (header != null && header.strip().matches("[0-9]{1,9}")) {
            long seconds = Math.min(LONGEST_SECONDS, Long.parseLong(header.strip()));
            limiter.throttled(Duration.ofSeconds(seconds));
        }
    }
}
