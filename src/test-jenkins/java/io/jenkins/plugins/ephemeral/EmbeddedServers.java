package io.jenkins.plugins.ephemeral;

import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SecretBytes;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.util.Secret;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.config.ClusterConnection;
import io.jenkins.plugins.ephemeral.config.EphemeralConfiguration;
import io.jenkins.plugins.ephemeral.config.ReportWebhook;
import io.jenkins.plugins.ephemeral.config.TestkubeControlPlane;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.awaitility.Awaitility;
import org.junit.AssumptionViolatedException;
import org.junit.rules.ExternalResource;

/**
 * The embedded cluster, control plane and webhook of src/bench, as a process of their own: their class path has
 * stand-ins for Jenkins' types and must not meet the real ones. The build of pom.xml writes that class path to a file,
 * named by the property {@code ephemeral.bench.classpath}; without it the tests are skipped.
 */
public final class EmbeddedServers extends ExternalResource {
    private static final String MAIN = "io.jenkins.plugins.ephemeral.bench.demo.Servers";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Process process;
    private BufferedReader answers;
    private JSONObject where;
    private KubernetesClient client;

    @Override
    protected void before() throws Throwable {
        String file = System.getProperty("ephemeral.bench.classpath", "target/bench.classpath");
        Path classpath = Path.of(file);
        if (!Files.isRegularFile(classpath)) {
            throw new AssumptionViolatedException("There is no " + classpath.toAbsolutePath()
                    + ": build pom.xml first (mvn process-test-classes), or name its bench.classpath by"
                    + " -Dephemeral.bench.classpath");
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        process = new ProcessBuilder(java, "-cp", Files.readString(classpath).trim(), MAIN)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        where = JSONObject.fromObject(read("{"));
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(where.getString("kubeconfig")))
                .build();
    }

    @Override
    protected void after() {
        if (client != null) {
            client.close();
        }
        try {
            process.getOutputStream().close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException | InterruptedException e) {
            process.destroyForcibly();
        }
    }

    /** Configures the running Jenkins as an administrator would: a kubeconfig, a token, and where to find what. */
    public void configure() throws IOException {
        SystemCredentialsProvider credentials = SystemCredentialsProvider.getInstance();
        credentials
                .getCredentials()
                .add(new org.jenkinsci.plugins.plaincredentials.impl.FileCredentialsImpl(
                        CredentialsScope.GLOBAL,
                        "cluster",
                        "kubeconfig",
                        "kubeconfig",
                        SecretBytes.fromBytes(where.getString("kubeconfig").getBytes(StandardCharsets.UTF_8))));
        credentials
                .getCredentials()
                .add(new org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl(
                        CredentialsScope.GLOBAL,
                        "testkube",
                        "API token",
                        Secret.fromString(where.getString("apiToken"))));
        credentials.save();
        EphemeralConfiguration configuration = EphemeralConfiguration.get();
        configuration.setClusters(List.of(new ClusterConnection("dev", "cluster")));
        TestkubeControlPlane testkube = new TestkubeControlPlane(
                "team", where.getString("organizationId"), where.getString("environmentId"), "testkube");
        testkube.setApiUrl(where.getString("testkubeUrl"));
        testkube.setAgentAddress(where.getString("agentAddress"));
        configuration.setTestkubes(List.of(testkube));
        configuration.setWebhooks(List.of(new ReportWebhook("collector", where.getString("webhookUrl"))));
        configuration.setRequestsPerSecond(100);
        configuration.setRequestBurst(200);
    }

    /** A client of the cluster with an administrator's rights. */
    public KubernetesClient cluster() {
        return client;
    }

    /** Names of the namespaces that the plugin has made and that are still there. */
    public List<String> namespaces() {
        return client
                .namespaces()
                .withLabel("app.kubernetes.io/managed-by", "ephemeral-environments")
                .list()
                .getItems()
                .stream()
                .map(HasMetadata::getMetadata)
                .map(meta -> meta.getName())
                .toList();
    }

    /** Names of the agents that the control plane knows. */
    public List<String> agents() throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        JSONArray agents = JSONObject.fromObject(get("/organizations/" + where.getString("organizationId") + "/agents"))
                .getJSONArray("elements");
        for (Object agent : agents) {
            names.add(((JSONObject) agent).getString("name"));
        }
        return names;
    }

    /** The executions that the control plane knows, newest first. */
    public JSONArray executions() throws IOException, InterruptedException {
        return JSONObject.fromObject(get("/organizations/" + where.getString("organizationId") + "/environments/"
                        + where.getString("environmentId") + "/agent/test-workflow-executions"))
                .getJSONArray("results");
    }

    /** The reports that the webhook has got. */
    public JSONArray reports() throws IOException, InterruptedException {
        return JSONArray.fromObject(fetch(where.getString("webhookUrl")));
    }

    /** Waits until neither the cluster nor the control plane has anything of the plugin's. */
    public void awaitNothingLeft() {
        Awaitility.await("namespaces and agents gone")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> namespaces().isEmpty() && agents().isEmpty());
    }

    /** The API server refuses connections from now on. */
    public void takeClusterAway() throws IOException {
        order("cluster away");
    }

    /** The API server answers again. */
    public void bringClusterBack() throws IOException {
        order("cluster back");
    }

    /** The control plane refuses connections from now on. */
    public void takeTestkubeAway() throws IOException {
        order("testkube away");
    }

    /** The control plane answers again. */
    public void bringTestkubeBack() throws IOException {
        order("testkube back");
    }

    private void order(String order) throws IOException {
        OutputStream orders = process.getOutputStream();
        orders.write((order + "\n").getBytes(StandardCharsets.UTF_8));
        orders.flush();
        read("done: " + order);
    }

    private String read(String beginning) throws IOException {
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(beginning)) {
                return line;
            }
        }
        throw new IOException("the servers' process has ended without saying \"" + beginning + "\"; exit code "
                + process.exitValue());
    }

    private String get(String path) throws IOException, InterruptedException {
        return fetch(where.getString("testkubeUrl") + path);
    }

    private String fetch(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + where.getString("apiToken"))
                .timeout(Duration.ofSeconds(20))
                .build();
        HttpResponse<String> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        if (response.statusCode() != 200) {
            throw new IOException(url + " answered " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }
}
