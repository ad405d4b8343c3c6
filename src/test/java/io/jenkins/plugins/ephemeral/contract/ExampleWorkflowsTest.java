package io.jenkins.plugins.ephemeral.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.bench.testkube.ControlPlaneCaller;
import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;

/** The workflows of the demo are ones that Testkube takes, and do what the example Jenkinsfile counts on. */
public class ExampleWorkflowsTest {
    private static final Path EXAMPLES = Path.of("examples", "testkube");

    private final EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start();
    private final ControlPlaneCaller caller = new ControlPlaneCaller(controlPlane);

    @Rule
    public final OpenApiContract contract = new OpenApiContract(() -> controlPlane);

    @Before
    public void create() throws IOException {
        assertThat(caller.yaml("POST", caller.environment("/test-workflow-templates"), read("ci-defaults"))
                        .statusCode())
                .isEqualTo(200);
        caller.createWorkflow(read("http-smoke"));
        caller.createWorkflow(read("api-junit"));
        caller.connectedAgent("jk");
    }

    @After
    public void close() {
        controlPlane.close();
    }

    private static String read(String name) throws IOException {
        return Files.readString(EXAMPLES.resolve(name + ".yaml"));
    }

    private JsonNode run(String workflow, String config) {
        return caller.awaitEnd(caller.run(workflow, "jk", config));
    }

    @Test
    public void theirSchemasTakeThem() throws IOException {
        CrdSchema workflows = new CrdSchema("testworkflows");
        assertThat(workflows.violations(read("http-smoke"))).isEmpty();
        assertThat(workflows.violations(read("api-junit"))).isEmpty();
        assertThat(new CrdSchema("testworkflowtemplates").violations(read("ci-defaults")))
                .isEmpty();
        assertThat(workflows.violations(read("http-smoke").replace("  container:", "  kontainer:")))
                .anyMatch(violation -> violation.contains("kontainer"));
        assertThat(workflows.violations(read("api-junit").replace("type: integer", "type: float")))
                .anyMatch(violation -> violation.startsWith("/spec/config/vatPercent/type"));
    }

    @Test
    public void theSmokeTestPasses() {
        JsonNode done = run("http-smoke", "{\"targetUrl\": \"http://web\"}");
        assertThat(done.at("/result/status").asText())
                .as(caller.logs(done.path("id").asText()))
                .isEqualTo("passed");
        assertThat(done.at("/tags/kind").asText()).isEqualTo("smoke");
        assertThat(caller.logs(done.path("id").asText()))
                .contains("looking at http://web\n")
                .contains("/health is linked\n");
    }

    @Test
    public void theSmokeTestNeedsAnAddress() {
        assertThat(run("http-smoke", "{}").at("/result/status").asText()).isEqualTo("aborted");
        assertThat(run("http-smoke", "{\"targetUrl\": \"web\"}")
                        .at("/result/status")
                        .asText())
                .isEqualTo("failed");
    }

    @Test
    public void oneOfTheApiTestsFails() {
        JsonNode done = run("api-junit", "{\"targetUrl\": \"http://web\"}");
        String id = done.path("id").asText();
        assertThat(done.at("/result/status").asText()).isEqualTo("failed");
        String tests = done.at("/signature/0/ref").asText();
        assertThat(done.at("/result/steps/" + tests + "/exitCode").asDouble()).isEqualTo(1.0);
        JsonNode summary = done.at("/reports/0/summary");
        assertThat(summary.path("tests").asInt()).isEqualTo(14);
        assertThat(summary.path("passed").asInt()).isEqualTo(12);
        assertThat(summary.path("failed").asInt()).isEqualTo(1);
        assertThat(summary.path("skipped").asInt()).isEqualTo(1);
        JsonNode artifacts = ControlPlaneCaller.json(
                caller.get(caller.environment("/test-workflow-executions/" + id + "/artifacts")));
        assertThat(artifacts).hasSize(1);
        assertThat(artifacts.at("/0/name").asText()).isEqualTo("reports/TEST-OrderApi.xml");
        assertThat(caller.logs(id)).contains("FAILED  odd amounts").contains("14 tests, 1 failed, 1 skipped");
    }
}
