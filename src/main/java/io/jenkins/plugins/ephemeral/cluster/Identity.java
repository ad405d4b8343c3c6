package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who we are in a cluster: what its server says (SelfSubjectReview: {@code authentication.k8s.io/v1} since Kubernetes
 * 1.28, {@code v1beta1} in 1.27), else what a service account's token says about itself. What is configured goes before
 * both. Asked anew after ten minutes, as credentials may change.
 */
public final class Identity {
    private static final String SERVICE_ACCOUNT = "system:serviceaccount:";
    private static final String ANONYMOUS = "system:anonymous";
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

    private static final Duration SOON = Duration.ofMillis(20);

    private final Cluster cluster;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile String asked;
    private volatile long askedNanos;

    Identity(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * The subject that a role is bound to, so that we hold it.
     *
     * @return empty if neither the server nor the configuration says who we are
     * @throws QueuedFault while another thread asks for the first time
     */
    public Optional<Subject> subject() {
        String configured = cluster.access().subject();
        if (configured != null && !configured.isBlank()) {
            return Optional.of(subject(configured.strip()));
        }
        String name = name();
        return name.isEmpty() || name.equals(ANONYMOUS) ? Optional.empty() : Optional.of(subject(name));
    }

    /** No thread waits for the one that asks: a server that does not answer would hold them all. */
    private String name() {
        String known = asked;
        if (known != null && System.nanoTime() - askedNanos <= KEPT_NANOS) {
            return known;
        }
        if (!asking.tryLock()) {
            if (known != null) {
                return known;
            }
            throw new QueuedFault("asking who Jenkins is", cluster.name(), "somebody asks already", "", SOON);
        }
        try {
            askedNanos = System.nanoTime();
            asked = cluster.call("asking who", "Jenkins is", client -> {
                String name = ask(client, "v1", "v1beta1");
                return name.isEmpty() ? ofToken(client.getConfiguration()) : name;
            });
            return asked;
        } finally {
            asking.unlock();
        }
    }

    private static String ask(KubernetesClient client, String... versions) {
        for (String version : versions) {
            try {
                String apiVersion = "authentication.k8s.io/" + version;
                String answer = client.raw(
                        "/apis/" + apiVersion + "/selfsubjectreviews",
                        "POST",
                        Map.of("apiVersion", apiVersion, "kind", "SelfSubjectReview"));
                return username(Serialization.unmarshal(answer, Map.class));
            } catch (KubernetesClientException e) {
                // an older server (404), or a new one whose administrator took the right away (403)
                if (e.getCode() != 404 && e.getCode() != 403 && e.getCode() != 405) {
                    throw e;
                }
            }
        }
        return "";
    }

    /**
     * The subject that a service account's token (a JWT) names. Not verified, and need not be: it is our own token, and a
     * wrong name would only give that name's holder rights in an environment that we cannot use.
     */
    static String ofToken(Config config) {
        String token = config.getOauthToken() == null ? config.getAutoOAuthToken() : config.getOauthToken();
        String[] parts = token == null ? new String[0] : token.split("\\.");
        if (parts.length != 3) {
            return "";
        }
        try {
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            Object subject = Serialization.unmarshal(claims, Map.class).get("sub");
            return subject != null && subject.toString().startsWith(SERVICE_ACCOUNT) ? subject.toString() : "";
        } catch (IllegalArgumentException | KubernetesClientException e) {
            return ""; // three parts, but no JWT
        }
    }

    private static String username(Map<?, ?> review) {
        Object status = review.get("status");
        Object user = status instanceof Map ? ((Map<?, ?>) status).get("userInfo") : null;
        Object name = user instanceof Map ? ((Map<?, ?>) user).get("username") : null;
        return name == null ? "" : name.toString();
    }

    /** A name as the API server writes it into its audit log, as subject of a RoleBinding. */
    static Subject subject(String name) {
        if (name.startsWith(SERVICE_ACCOUNT)) {
            String[] parts = name.substring(SERVICE_ACCOUNT.length()).split(":", 2);
            if (parts.length == 2) {
                return new SubjectBuilder()
                        .withKind("ServiceAccount")
                        .withNamespace(parts[0])
                        .withName(parts[1])
                        .build();
            }
        }
        return new SubjectBuilder()
                .withKind("User")
                .withApiGroup("rbac.authorization.k8s.io")
                .withName(name)
                .build();
    }
}
