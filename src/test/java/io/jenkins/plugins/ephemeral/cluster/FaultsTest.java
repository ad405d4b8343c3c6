package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Answers as API servers and what stands in front of them give them, and what becomes of each. */
public class FaultsTest {
    private final AtomicInteger asked = new AtomicInteger();
    private final List<KubernetesClient> clients = new ArrayList<>();
    private final RequestLimiter limiter = new RequestLimiter(1_000, 1_000);
    private HttpServer server;
    private volatile int code;
    private volatile String contentType = "application/json";
    private volatile String body = "{}";

    @Before
    public void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", contentType);
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @After
    public void stop() {
        clients.forEach(KubernetesClient::close);
        server.stop(0);
    }

    @Test
    public void aMissingRightIsNamed() {
        status(
                403,
                "Forbidden",
                "configmaps is forbidden: User 'system:serviceaccount:jenkins:controller' cannot create resource"
                        + " 'configmaps' in API group '' in the namespace 'shop'",
                "{}");
        assertThat(fault())
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("creating ConfigMap (dev/shop/x)")
                .hasMessageContaining(
                        "Grant system:serviceaccount:jenkins:controller the verb create on configmaps in namespace shop");
        status(
                403,
                "Forbidden",
                "jobs.batch is forbidden: User 'u' cannot list resource 'jobs' in API group 'batch' at the"
                        + " cluster scope",
                "{}");
        assertThat(fault()).hasMessageContaining("the verb list on jobs.batch in the whole cluster");
        // an apply that would create
        status(403, "Forbidden", "secrets 'plan' is forbidden: ", "{}");
        assertThat(fault()).hasMessageContaining("Grant Jenkins' identity the verb create on secrets");
    }

    @Test
    public void quotaAndPodSecurityAreToldFromRights() {
        status(403, "Forbidden", "pods 'x' is forbidden: exceeded quota: q, requested: pods=1, used: pods=5", "{}");
        assertThat(fault()).isInstanceOf(UserFault.class).hasMessageContaining("Raise the environment's quota");
        status(403, "Forbidden", "pods 'x' is forbidden: failed quota: q: must specify limits.cpu", "{}");
        assertThat(fault()).hasMessageContaining("limitRange");
        status(403, "Forbidden", "pods 'x' is forbidden: violates PodSecurity 'baseline:latest': privileged", "{}");
        assertThat(fault()).hasMessageContaining("podSecurity");
    }

    @Test
    public void aNamespaceOnItsWayOutIsLost() {
        status(
                403,
                "Forbidden",
                "configmaps 'x' is forbidden: unable to create new content in namespace shop because it is being"
                        + " terminated",
                "{\"causes\":[{\"reason\":\"NamespaceTerminating\",\"message\":\"namespace shop is being terminated\"}]}");
        assertThat(fault()).isInstanceOf(LostFault.class);
        status(404, "NotFound", "namespaces 'shop' not found", "{\"name\":\"shop\",\"kind\":\"namespaces\"}");
        assertThat(fault()).isInstanceOf(LostFault.class).hasMessageContaining("somebody or something deleted it");
    }

    @Test
    public void badCredentialsAndUnknownKindsAreForPeople() {
        status(401, "Unauthorized", "Unauthorized", "{}");
        assertThat(fault()).isInstanceOf(UserFault.class).hasMessageContaining("Renew the credentials");
        status(404, "NotFound", "the server could not find the requested resource", "{}");
        assertThat(fault()).isInstanceOf(UserFault.class).hasMessageContaining("CustomResourceDefinition");
        status(422, "Invalid", "ConfigMap 'x' is invalid: data: Invalid value", "{}");
        assertThat(fault()).isInstanceOf(UserFault.class).hasMessageContaining("Invalid value");
    }

    @Test
    public void theOwnerOfAFieldIsNamed() {
        status(
                409,
                "Conflict",
                "Apply failed with 1 conflict: conflict with 'kubectl' using v1: .data.a",
                "{\"causes\":[{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict with \'kubectl\' using v1\","
                        + "\"field\":\".data.a\"}]}");
        assertThat(fault())
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("kubectl")
                .hasMessageContaining(".data.a");
    }

    @Test
    public void lostRacesAreTriedAgain() {
        status(
                409,
                "Conflict",
                "Operation cannot be fulfilled on resourcequotas 'q': the object has been modified",
                "{}");
        assertThat(fault()).isInstanceOf(TransientFault.class);
        status(410, "Expired", "The provided continue parameter is too old", "{}");
        assertThat(fault()).isInstanceOf(TransientFault.class);
    }

    @Test
    public void throttlingSlowsTheLimiterDown() {
        status(429, "TooManyRequests", "slow down", "{\"retryAfterSeconds\":7}");
        Fault fault = fault();
        assertThat(fault).isInstanceOf(TransientFault.class);
        assertThat(((TransientFault) fault).retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(limiter.requestsPerSecond()).isEqualTo(500);
        Throwable next = catchThrowable(this::call);
        assertThat(((TransientFault) next).retryAfter()).isGreaterThan(Duration.ofSeconds(6));
    }

    @Test
    public void priorityAndFairnessAnswersInPlainText() {
        code = 429;
        contentType = "text/plain";
        body = "Too many requests, please try again later.";
        Fault fault = fault();
        assertThat(fault).isInstanceOf(TransientFault.class);
        assertThat(((TransientFault) fault).retryAfter()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    public void aServerInTroubleIsAskedOnceAndTriedAgainByTheDriver() {
        status(503, "ServiceUnavailable", "etcd leader changed", "{}");
        assertThat(fault()).isInstanceOf(TransientFault.class).hasMessageContaining("etcd leader changed");
        assertThat(asked)
                .as("the client's own retries would repeat a POST whose answer was lost")
                .hasValue(1);
    }

    @Test
    public void pagesOfProxiesAreNoAnswers() {
        contentType = "text/html";
        body = "<html><body>Please log in</body></html>";
        for (int status : new int[] {200, 302, 403, 404}) {
            code = status;
            assertThat(fault())
                    .as("HTTP %s", status)
                    .isInstanceOf(UserFault.class)
                    .hasMessageContaining("login page");
        }
        code = 502;
        assertThat(fault()).isInstanceOf(TransientFault.class);
    }

    @Test
    public void nobodyThereIsTransient() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = free.getLocalPort();
            free.close();
            assertThat(catchThrowable(() -> create("http://127.0.0.1:" + port)))
                    .isInstanceOf(TransientFault.class)
                    .hasMessageContaining("did not answer");
        }
        assertThat(catchThrowable(() -> create("https://no-such-host.invalid:6443")))
                .isInstanceOf(TransientFault.class)
                .hasMessageContaining("unknown host")
                .hasMessageContaining("no-such-host.invalid");
    }

    @Test
    public void aCertificateThatNobodyVouchesForIsForPeople() {
        KubernetesMockServer https = new KubernetesMockServer(true);
        https.init();
        try {
            assertThat(catchThrowable(() -> create("https://127.0.0.1:" + https.getPort())))
                    .isInstanceOf(UserFault.class)
                    .hasMessageContaining("TLS")
                    .hasMessageContaining("Check the certificate authority");
        } finally {
            https.destroy();
        }
    }

    /** @param message in which ' stands for " */
    private void status(int httpCode, String reason, String message, String details) {
        code = httpCode;
        contentType = "application/json";
        body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":" + httpCode
                + ",\"reason\":\"" + reason + "\",\"message\":\"" + message.replace("'", "\\\"") + "\",\"details\":"
                + details + '}';
    }

    private Fault fault() {
        Throwable thrown = catchThrowable(this::call);
        assertThat(thrown).isInstanceOf(Fault.class);
        return (Fault) thrown;
    }

    private void call() {
        create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void create(String url) {
        KubernetesClient client = ClusterClients.withToken("dev", url, null, "t");
        clients.add(client);
        Cluster cluster = new Cluster(
                new ClusterAccess() {
                    @Override
                    public String name() {
                        return "dev";
                    }

                    @Override
                    public KubernetesClient client() {
                        return client;
                    }
                },
                limiter,
                new Outside());
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("x")
                .endMetadata()
                .build();
        cluster.create(map);
    }
}
