package io.jenkins.plugins.ephemeral.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.environment.SecretSpec;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Map;
import org.junit.Test;

/** What credentials become. */
public class SecretFormatsTest {
    private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    private static final String KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";

    private final SecretSpec spec = new SecretSpec();

    @Test
    public void userAndPasswordAsDockerWritesThem() {
        String config = DockerConfig.of("registry.example.com", "me", "p\"w");
        assertThat(config)
                .isEqualTo("{\"auths\":{\"registry.example.com\":{\"username\":\"me\",\"password\":\"p\\\"w\","
                        + "\"auth\":\"bWU6cCJ3\"}}}");
        assertThat(DockerConfig.isOne(config)).isTrue();
        assertThat(DockerConfig.of(null, "a", "b")).contains("https://index.docker.io/v1/");
        for (String other : new String[] {"", "{}", "not json", "[]", "{\"auths\":1}"}) {
            assertThat(DockerConfig.isOne(other)).as(other).isFalse();
        }
    }

    @Test
    public void aPemTextIsTakenApart() {
        Map<String, String> pair = PemPair.of(spec, "Bag\n" + KEY + "\n" + CERTIFICATE + "\nchain\n" + CERTIFICATE);
        assertThat(pair.get("tls.key")).isEqualTo(KEY + "\n");
        assertThat(pair.get("tls.crt")).isEqualTo(CERTIFICATE + "\n" + CERTIFICATE + "\n");
    }

    @Test
    public void aPemTextThatLacksSomethingIsNotRepeatedInTheMessage() {
        for (String text : new String[] {CERTIFICATE, KEY, "geheim", CERTIFICATE + KEY + KEY}) {
            assertThatThrownBy(() -> PemPair.of(spec, text))
                    .isInstanceOf(UserFault.class)
                    .hasMessageContaining("certificates and one private key")
                    .hasMessageNotContaining("MIIE")
                    .hasMessageNotContaining("geheim");
        }
    }
}
