package io.jenkins.plugins.ephemeral.controlplane;

import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts one body to a webhook. Headers: {@code X-Ephemeral-Delivery}, the same for each try of one body, so that the
 * receiver can drop repetitions; {@code X-Ephemeral-Signature-256: sha256=<hex>}, HMAC-SHA256 of the body, where the
 * target has a key.
 */
final class WebhookSender {
    private final HttpClient http;
    private final Outside outside;

    WebhookSender(HttpClient http, Outside outside) {
        this.http = http;
        this.outside = outside;
    }

    /**
     * @param target null if it is not configured any more
     * @throws UserFault if it is not to be tried again
     * @throws TransientFault if it is
     */
    void send(WebhookTarget target, String id, byte[] body) throws InterruptedException {
        if (target == null) {
            throw new UserFault("sending a report", "", "the webhook is not configured any more", "");
        }
        String where = "webhook " + target.name();
        HttpResponse<Void> response;
        try {
            HttpRequest request = request(target, id, body);
            response = outside.call(
                    "post report", () -> RestExchange.await(http, request, HttpResponse.BodyHandlers.discarding()));
        } catch (ExecutionException e) {
            throw later(where, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw later(where, e);
        } catch (IllegalArgumentException e) {
            // its message quotes the URL, which may hold a secret
            throw new UserFault("sending a report", where, "its URL or its key is not valid", "Correct them.");
        } catch (RuntimeException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        int status = response.statusCode();
        if (status / 100 == 2) {
            return;
        }
        if (status == 408 || status == 429 || status >= 500) {
            throw new TransientFault("sending a report", where, "it answered " + status, "", Duration.ZERO, null);
        }
        throw new UserFault("sending a report", where, "it answered " + status, "Check its URL and key.");
    }

    private static TransientFault later(String where, Throwable failure) {
        String why = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return new TransientFault("sending a report", where, SecretMask.mask(why), "", Duration.ZERO, failure);
    }

    private static HttpRequest request(WebhookTarget target, String id, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(target.url()))
                .header("Content-Type", "application/json")
                .header("X-Ephemeral-Delivery", id)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        String secret = target.secret();
        if (!secret.isEmpty()) {
            request.header("X-Ephemeral-Signature-256", "sha256=" + signature(secret, body));
        }
        return request.build();
    }

    static String signature(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
