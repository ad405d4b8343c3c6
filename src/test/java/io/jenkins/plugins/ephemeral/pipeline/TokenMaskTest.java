package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.Test;

/** Tokens are masked however they come, and nothing else is changed. */
public class TokenMaskTest {
    private static final String TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2ln-nat_ure";

    @Test
    public void aTokenIsMaskedWhereverItStands() {
        assertThat(TokenMask.mask("token: " + TOKEN)).isEqualTo("token: ****");
        assertThat(TokenMask.mask("'" + TOKEN + "' " + TOKEN + "\n")).isEqualTo("'****' ****\n");
        for (String other : new String[] {"eyJhbGciOiJSUzI1NiJ9", "a.b.c", "www.example.org", "eyJ.eyJ.x"}) {
            assertThat(TokenMask.mask(other)).isEqualTo(other);
        }
    }

    @Test
    public void oneThatComesByteByByteIsMasked() throws IOException {
        byte[] bytes = ("größer " + TOKEN + "\nrest").getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        OutputStream masking = new TokenMask().decorateLogger(null, log);
        for (byte one : bytes) {
            masking.write(one);
            masking.flush();
        }
        assertThat(log.toString(StandardCharsets.UTF_8)).isEqualTo("größer ****\n");
        masking.close();
        assertThat(log.toString(StandardCharsets.UTF_8)).isEqualTo("größer ****\nrest");
    }
}
