package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.RequestLimiter;
import io.jenkins.plugins.ephemeral.executor.Finding.State;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** What the creation of a Job comes to, from answers as API servers sent them, through our own client. */
@RunWith(Parameterized.class)
public class RecordedAnswersTest {
    private static Object[] row(String name, State state, Outcome outcome, String... says) {
        return new Object[] {name, state, outcome, says};
    }

    @Parameters(name = "{0}: {2}")
    public static Collection<Object[]> table() {
        return Arrays.asList(
                row(
                        "answer-forbidden",
                        State.HOPELESS,
                        Outcome.FORBIDDEN,
                        "cannot create resource \"jobs\"",
                        "Grant system:serviceaccount:recording:default the verb create on jobs.batch in namespace recording"),
                row("answer-unauthorized", State.HOPELESS, Outcome.FORBIDDEN, "Unauthorized"),
                row("answer-quota", State.STARTING, Outcome.QUOTA, "exceeded quota: jobs", "Raise"),
                row(
                        "answer-terminating",
                        State.HOPELESS,
                        Outcome.NAMESPACE_GONE,
                        "because it is being terminated",
                        "ask for a new environment"),
                row("answer-no-namespace", State.HOPELESS, Outcome.NAMESPACE_GONE, "The namespace is gone"),
                row(
                        "answer-webhook",
                        State.HOPELESS,
                        Outcome.ADMISSION,
                        "images need a digest",
                        "who keeps the policy"),
                row(
                        "newer/answer-admission-policy",
                        State.HOPELESS,
                        Outcome.ADMISSION,
                        "demo-policy.example.com",
                        "who keeps the policy"));
    }

    private final String name;
    private final State state;
    private final Outcome outcome;
    private final String[] says;

    private HttpServer server;
    private KubernetesClient client;

    public RecordedAnswersTest(String name, State state, Outcome outcome, String[] says) {
        this.name = name;
        this.state = state;
        this.outcome = outcome;
        this.says = says;
    }

    @Before
    public void answer() throws IOException {
        byte[] body = Recorded.answer(name).toString().getBytes(StandardCharsets.UTF_8);
        int code = Recorded.answer(name).get("code").asInt();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        Config config = Config.empty();
        config.setMasterUrl("http://127.0.0.1:" + server.getAddress().getPort());
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @After
    public void close() {
        client.close();
        server.stop(0);
    }

    @Test
    public void isToldApart() {
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
                new RequestLimiter(100, 100),
                new Outside());
        Fault fault = catchThrowableOfType(
                Fault.class,
                () -> cluster.create(new JobBuilder()
                        .withNewMetadata()
                        .withNamespace("recording")
                        .withName("stage")
                        .endMetadata()
                        .build()));
        Finding finding = PodRefusal.of(fault, () -> "is being deleted");

        assertThat(finding).as(String.valueOf(fault)).isNotNull();
        assertThat(finding.state()).as(finding.toString()).isEqualTo(state);
        assertThat(finding.outcome()).as(finding.toString()).isEqualTo(outcome);
        assertThat(finding.reason()).contains(says);
    }
}
