package io.jenkins.plugins.ephemeral.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.model.User;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.util.ListBoxModel;
import hudson.util.Secret;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jenkins.model.Jenkins;
import org.htmlunit.html.HtmlElement;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** The global configuration through Jenkins' own form, and as code. */
public class EphemeralConfigurationTest {
    private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";

    @Rule
    public JenkinsRule jenkins = new JenkinsRule();

    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    @Before
    public void credentials() throws Exception {
        List<String> ids = List.of("cluster-token", "testkube-token", "signing-key");
        for (String id : ids) {
            SystemCredentialsProvider.getInstance()
                    .getCredentials()
                    .add(new StringCredentialsImpl(CredentialsScope.GLOBAL, id, id, Secret.fromString("hidden-value")));
        }
        SystemCredentialsProvider.getInstance().save();
    }

    @Test
    public void theFormKeepsEverything() throws Exception {
        EphemeralConfiguration configuration = EphemeralConfiguration.get();
        fill(configuration);

        jenkins.configRoundtrip();

        assertFilled(configuration);
        assertFilled(new EphemeralConfiguration()); // as it is loaded at the next start
    }

    @Test
    public void theFormKeepsTheDefaults() throws Exception {
        jenkins.configRoundtrip();

        EphemeralConfiguration configuration = EphemeralConfiguration.get();
        assertThat(configuration.getClusters()).isEmpty();
        assertThat(configuration.getPlacements()).isEmpty();
        assertThat(configuration.getTestkubes()).isEmpty();
        assertThat(configuration.getTerrakubes()).isEmpty();
        assertThat(configuration.getWebhooks()).isEmpty();
        assertThat(configuration.getRequestsPerSecond()).isEqualTo(50);
        assertThat(configuration.getRequestBurst()).isEqualTo(100);
        assertThat(configuration.getReaperPeriodSeconds()).isEqualTo(300);
        assertThat(configuration.getAgentImage()).startsWith("kubeshop/testkube-api-server:");
    }

    @Test
    public void theLastElementOfEachListCanBeRemoved() throws Exception {
        EphemeralConfiguration configuration = EphemeralConfiguration.get();
        fill(configuration);

        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            HtmlPage page = web.goTo("configure");
            for (HtmlElement section : page.<HtmlElement>getByXPath(
                    "//*[@name='clusters' or @name='placements' or @name='testkubes'"
                            + " or @name='terrakubes' or @name='webhooks'][@descriptorid or contains(@class,'repeated-chunk')]")) {
                HtmlElement delete = section.getFirstByXPath(
                        ".//button[contains(@class,'repeatable-delete') or contains(@title,'Delete')]");
                delete.click();
            }
            web.waitForBackgroundJavaScript(5_000);
            jenkins.submit(page.getFormByName("config"));
        }

        assertThat(configuration.getClusters()).isEmpty();
        assertThat(configuration.getPlacements()).isEmpty();
        assertThat(configuration.getTestkubes()).isEmpty();
        assertThat(configuration.getTerrakubes()).isEmpty();
        assertThat(configuration.getWebhooks()).isEmpty();
    }

    @Test
    public void whatNobodyChangedIsNotShownAsEdited() throws Exception {
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            HtmlPage page = web.goTo("configure");

            List<HtmlElement> edited = page.getByXPath("//*[contains(@class,'advanced-customized-fields-info')]");

            assertThat(edited)
                    .extracting(element -> element.getAttribute("data-customized-fields"))
                    .noneMatch(fields -> fields.contains("_.agentImage") || fields.contains("_.requestBurst"));
        }
    }

    @Test
    public void asCodeItIsReadAndWritten() throws Exception {
        Path code = folder.newFile("jenkins.yaml").toPath();
        Files.writeString(
                code,
                String.join(
                        "\n",
                        "unclassified:",
                        "  ephemeralEnvironments:",
                        "    requestsPerSecond: 7",
                        "    requestBurst: 9",
                        "    reaperPeriodSeconds: 60",
                        "    agentImage: registry.example.com/agent:1",
                        "    clusters:",
                        "    - name: dev",
                        "      serverUrl: https://kubernetes.example.com:6443",
                        "      credentialsId: cluster-token",
                        "      subject: system:serviceaccount:jenkins:controller",
                        "      caCertificate: |-",
                        "        -----BEGIN CERTIFICATE-----",
                        "        MIIB",
                        "        -----END CERTIFICATE-----",
                        "    placements:",
                        "    - cluster: dev",
                        "      weight: 2",
                        "      maxEnvironments: 10",
                        "      labels: zone=eu, gpu",
                        "      poolNamespaces: pool-1, pool-2",
                        "      poolLabels: pool=jenkins",
                        "    testkubes:",
                        "    - name: team",
                        "      organizationId: tkcorg_1",
                        "      environmentId: tkcenv_2",
                        "      credentialsId: testkube-token",
                        "      apiUrl: https://testkube.example.com",
                        "      agentAddress: agents.example.com:443",
                        "      dashboardUrl: https://app.example.com",
                        "    terrakubes:",
                        "    - name: infra",
                        "      apiUrl: https://terrakube-api.example.com",
                        "      organization: acme",
                        "      credentialsId: testkube-token",
                        "      uiUrl: https://terrakube.example.com",
                        "      cluster: dev",
                        "      namespace: executors",
                        "    webhooks:",
                        "    - name: reports",
                        "      url: https://reports.example.com/in",
                        "      credentialsId: signing-key",
                        ""));

        ConfigurationAsCode.get().configure(code.toString());
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(written);

        assertFilled(EphemeralConfiguration.get());
        assertThat(written.toString(StandardCharsets.UTF_8))
                .contains("ephemeralEnvironments:")
                .contains("serverUrl: \"https://kubernetes.example.com:6443\"")
                .contains("organizationId: \"tkcorg_1\"")
                .contains("url: \"https://reports.example.com/in\"")
                .doesNotContain("hidden-value");
    }

    @Test
    public void credentialsAreOfferedToAdministratorsOnly() throws Exception {
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin")
                .grant(Jenkins.READ)
                .everywhere()
                .to("reader"));
        TestkubeControlPlane.DescriptorImpl descriptor =
                (TestkubeControlPlane.DescriptorImpl) jenkins.jenkins.getDescriptorOrDie(TestkubeControlPlane.class);

        try (ACLContext ignored = ACL.as2(User.getById("admin", true).impersonate2())) {
            assertThat(values(descriptor.doFillCredentialsIdItems("testkube-token")))
                    .contains("", "cluster-token", "testkube-token");
        }
        try (ACLContext ignored = ACL.as2(User.getById("reader", true).impersonate2())) {
            assertThat(values(descriptor.doFillCredentialsIdItems("testkube-token")))
                    .containsExactly("testkube-token");
        }
    }

    private static List<String> values(ListBoxModel items) {
        return items.stream().map(item -> item.value).toList();
    }

    private static void fill(EphemeralConfiguration configuration) {
        ClusterConnection cluster = new ClusterConnection("dev", "cluster-token");
        cluster.setServerUrl("https://kubernetes.example.com:6443/");
        cluster.setCaCertificate(CERTIFICATE);
        cluster.setSubject("system:serviceaccount:jenkins:controller");
        ClusterPlacement placement = new ClusterPlacement("dev");
        placement.setWeight(2);
        placement.setMaxEnvironments(10);
        placement.setLabels("zone=eu, gpu");
        placement.setPoolNamespaces("pool-1, pool-2");
        placement.setPoolLabels("pool=jenkins");
        configuration.setPlacements(List.of(placement));
        TestkubeControlPlane testkube = new TestkubeControlPlane("team", "tkcorg_1", "tkcenv_2", "testkube-token");
        testkube.setApiUrl("https://testkube.example.com");
        testkube.setAgentAddress("agents.example.com:443");
        testkube.setDashboardUrl("https://app.example.com");
        TerrakubeControlPlane terrakube =
                new TerrakubeControlPlane("infra", "https://terrakube-api.example.com/", "acme", "testkube-token");
        terrakube.setUiUrl("https://terrakube.example.com");
        terrakube.setCluster("dev");
        terrakube.setNamespace("executors");
        ReportWebhook webhook = new ReportWebhook("reports", "https://reports.example.com/in");
        webhook.setCredentialsId("signing-key");
        configuration.setClusters(List.of(cluster));
        configuration.setTestkubes(List.of(testkube));
        configuration.setTerrakubes(List.of(terrakube));
        configuration.setWebhooks(List.of(webhook));
        configuration.setRequestsPerSecond(7);
        configuration.setRequestBurst(9);
        configuration.setReaperPeriodSeconds(60);
        configuration.setAgentImage("registry.example.com/agent:1");
    }

    private static void assertFilled(EphemeralConfiguration configuration) {
        assertThat(configuration.getClusters()).singleElement().satisfies(cluster -> {
            assertThat(cluster.getName()).isEqualTo("dev");
            assertThat(cluster.getServerUrl()).isEqualTo("https://kubernetes.example.com:6443");
            assertThat(cluster.getCredentialsId()).isEqualTo("cluster-token");
            assertThat(cluster.getCaCertificate().replace("\r\n", "\n")).isEqualTo(CERTIFICATE);
            assertThat(cluster.getSubject()).isEqualTo("system:serviceaccount:jenkins:controller");
        });
        assertThat(configuration.getPlacements()).singleElement().satisfies(placement -> {
            assertThat(placement.getCluster()).isEqualTo("dev");
            assertThat(placement.getWeight()).isEqualTo(2);
            assertThat(placement.getMaxEnvironments()).isEqualTo(10);
            assertThat(placement.getLabels()).isEqualTo("zone=eu, gpu");
            assertThat(placement.getPoolNamespaces()).isEqualTo("pool-1, pool-2");
            assertThat(placement.getPoolLabels()).isEqualTo("pool=jenkins");
        });
        assertThat(configuration.getTestkubes()).singleElement().satisfies(testkube -> {
            assertThat(testkube.getName()).isEqualTo("team");
            assertThat(testkube.getOrganizationId()).isEqualTo("tkcorg_1");
            assertThat(testkube.getEnvironmentId()).isEqualTo("tkcenv_2");
            assertThat(testkube.getCredentialsId()).isEqualTo("testkube-token");
            assertThat(testkube.getApiUrl()).isEqualTo("https://testkube.example.com");
            assertThat(testkube.getAgentAddress()).isEqualTo("agents.example.com:443");
            assertThat(testkube.getDashboardUrl()).isEqualTo("https://app.example.com");
        });
        assertThat(configuration.getTerrakubes()).singleElement().satisfies(terrakube -> {
            assertThat(terrakube.getName()).isEqualTo("infra");
            assertThat(terrakube.getApiUrl()).isEqualTo("https://terrakube-api.example.com");
            assertThat(terrakube.getOrganization()).isEqualTo("acme");
            assertThat(terrakube.getCredentialsId()).isEqualTo("testkube-token");
            assertThat(terrakube.getUiUrl()).isEqualTo("https://terrakube.example.com");
            assertThat(terrakube.getCluster()).isEqualTo("dev");
            assertThat(terrakube.getNamespace()).isEqualTo("executors");
        });
        assertThat(configuration.getWebhooks()).singleElement().satisfies(webhook -> {
            assertThat(webhook.getName()).isEqualTo("reports");
            assertThat(webhook.getUrl()).isEqualTo("https://reports.example.com/in");
            assertThat(webhook.getCredentialsId()).isEqualTo("signing-key");
        });
        assertThat(configuration.getRequestsPerSecond()).isEqualTo(7);
        assertThat(configuration.getRequestBurst()).isEqualTo(9);
        assertThat(configuration.getReaperPeriodSeconds()).isEqualTo(60);
        assertThat(configuration.getAgentImage()).isEqualTo("registry.example.com/agent:1");
        assertThat(configuration.getAgentInitImage()).startsWith("kubeshop/testkube-tw-init:");
    }
}
