package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A kubeconfig that is handed out holds its own token, and nothing of Jenkins' credentials. */
public class IssuedKubeconfigTest {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private static ConfigBuilder jenkins() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://api.example.com:6443/")
                .withOauthToken("jenkins-own-token")
                .withClientKeyData("jenkins-own-key");
    }

    @Test
    public void whatItSays() {
        Config jenkins = jenkins().withCaCertData("Y2E=").build();
        String text = IssuedKubeconfig.text(jenkins, "shop-1", "the-token");
        Config read = Config.fromKubeconfig(text);

        assertThat(read.getMasterUrl()).isEqualTo("https://api.example.com:6443/");
        assertThat(read.getNamespace()).isEqualTo("shop-1");
        assertThat(read.getAutoOAuthToken()).isEqualTo("the-token");
        assertThat(read.getCaCertData()).isEqualTo("Y2E=");
        assertThat(text).doesNotContain("jenkins-own").doesNotContain("insecure");
    }

    @Test
    public void anAuthorityInAFileOrAsTextGoesAlong() throws Exception {
        Path file = folder.newFile().toPath();
        Files.writeString(file, "ca");
        assertThat(IssuedKubeconfig.text(
                        jenkins().withCaCertFile(file.toString()).build(), "a", "t"))
                .contains("certificate-authority-data: \"Y2E=\"");
        assertThat(IssuedKubeconfig.text(jenkins().withCaCertData("-----BEGIN").build(), "a", "t"))
                .contains("certificate-authority-data: \"LS0tLS1CRUdJTg==\"");
    }

    @Test
    public void certificatesAreOnlyUncheckedWhereJenkinsDoesNotCheckThem() {
        assertThat(IssuedKubeconfig.text(jenkins().build(), "a", "t")).doesNotContain("insecure");
        assertThat(IssuedKubeconfig.text(jenkins().withTrustCerts(true).build(), "a", "t"))
                .contains("insecure-skip-tls-verify: true");
    }
}
