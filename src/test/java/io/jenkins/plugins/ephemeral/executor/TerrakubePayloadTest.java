package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** Terrakube's payload: all of its fields, in and out; and what of it must not show. */
public class TerrakubePayloadTest {
    private static Map<String, Object> least() {
        return new HashMap<>(Map.of("type", "terraformPlan", "jobId", "42"));
    }

    private static void refused(String says, Map<String, Object> fields) {
        assertThatThrownBy(() -> TerrakubePayload.of(fields))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(says)
                .message()
                .doesNotContain("geheim");
    }

    private static Map<String, Object> with(String field, Object value) {
        Map<String, Object> fields = least();
        fields.put(field, value);
        return fields;
    }

    @Test
    public void writesEveryFieldOfTheWriterAlsoNulls() throws Exception {
        JsonNode json = new ObjectMapper().readTree(TerrakubePayload.of(least()).toJson());

        // ExecutorContext of Terrakube 2.33, in the order of its table
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "type",
                        "organizationId",
                        "workspaceId",
                        "stepId",
                        "jobId",
                        "terraformVersion",
                        "tofu",
                        "source",
                        "branch",
                        "folder",
                        "commitId",
                        "vcsType",
                        "connectionType",
                        "accessToken",
                        "moduleSshKey",
                        "refresh",
                        "refreshOnly",
                        "showHeader",
                        "ignoreError",
                        "environmentVariables",
                        "variables",
                        "commandList",
                        "onFailureList");
        assertThat(json.get("accessToken").isNull()).isTrue();
        assertThat(json.get("refresh").asBoolean()).isTrue();
        assertThat(json.get("folder").asText()).isEqualTo("/");
    }

    @Test
    public void keepsWhatItDoesNotKnow() throws Exception {
        Map<String, Object> fields = with("newInTerrakube3", Map.of("a", 1));
        fields.put("commandList", List.of(Map.of("script", "tflint", "priority", 1, "before", true, "shell", "zsh")));
        JsonNode json = new ObjectMapper().readTree(TerrakubePayload.of(fields).toJson());

        assertThat(json.at("/newInTerrakube3/a").asInt()).isEqualTo(1);
        assertThat(json.at("/commandList/0/shell").asText()).isEqualTo("zsh");
        assertThat(json.at("/commandList/0/runtime").asText()).isEqualTo("BASH");
        assertThat(json.at("/commandList/0/before").asBoolean()).isTrue();
    }

    @Test
    public void refusesWhatTheExecutorWouldChokeOn() {
        refused("field type is none of approval", with("type", "plan"));
        refused("field jobId is not a number", with("jobId", "j-1"));
        refused("field vcsType", with("vcsType", "GITTEA"));
        refused("field refresh is of the wrong type", with("refresh", "geheim"));
        refused("field variables is of the wrong type", with("variables", "geheim"));
        refused(
                "priority 1 is there twice",
                with(
                        "onFailureList",
                        List.of(Map.of("priority", 1, "script", "a"), Map.of("priority", 1, "script", "b"))));
        refused("runtime", with("commandList", List.of(Map.of("runtime", "PERL", "script", "a"))));
        assertThat(TerrakubePayload.of(with("vcsType", "SSH~id_ed25519")).vcsType)
                .isEqualTo("SSH~id_ed25519");
    }

    @Test
    public void secretValuesAreMasked() {
        Map<String, Object> fields = least();
        fields.put("accessToken", "ghp_abcdef");
        fields.put("moduleSshKey", "-----BEGIN KEY-----\nAAAAsecretline\n-----END KEY-----\n");
        fields.put("variables", Map.of("db_password", "hunter22", "region", "eu-west-1", "short_secret", "abc"));
        String payload = TerrakubePayload.of(fields).toJson();
        SecretWords words = SecretWords.of(payload);

        assertThat(words.masked("clone https://ghp_abcdef@host, key AAAAsecretline, hunter22 in eu-west-1 abc"))
                .isEqualTo("clone https://****@host, key ****, **** in eu-west-1 abc");
        assertThat(words.masked(java.util.Base64.getEncoder().encodeToString(payload.getBytes())))
                .isEqualTo("****");
        assertThat(SecretWords.of(null).masked("ghp_abcdef")).isEqualTo("ghp_abcdef");
        // the longer one first: nothing of it remains
        assertThat(SecretWords.of("{\"token\":\"abcd\",\"secret\":\"abcdefgh\"}")
                        .masked("abcdefgh abcd"))
                .isEqualTo("**** ****");
    }
}
