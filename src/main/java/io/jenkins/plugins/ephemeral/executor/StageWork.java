package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a stage does: which program, of which image, with which inputs. Jenkins' address, the administrator's defaults,
 * times, labels and whatever else may change while Jenkins is away say how it is done, and are not part of it.
 */
final class StageWork {
    private static final ObjectMapper JSON = new ObjectMapper();

    private StageWork() {}

    /**
     * A hash that is the same for the same work, 32 hexadecimal digits. Without the payload: a hash of a secret is a
     * way to guess it.
     */
    static String hash(StageJobSpec spec) {
        Map<String, Object> work = new LinkedHashMap<>();
        work.put("name", spec.name);
        work.put("type", spec.type);
        work.put("image", spec.image);
        work.put("command", spec.command);
        work.put("args", spec.args);
        work.put("env", spec.env);
        work.put("secrets", spec.secrets);
        work.put("configMaps", spec.configMaps);
        work.put("envFrom", spec.envFrom);
        work.put("volumes", spec.volumes);
        work.put("workingDir", spec.workingDir);
        work.put("serviceAccount", spec.serviceAccount);
        work.put("podYaml", spec.podYaml);
        work.put("commit", spec.commit);
        work.put("payloadAsFile", spec.payloadAsFile);
        work.put("inputsFrom", spec.inputsFrom);
        work.put("inputsSha256", spec.inputsSha256);
        work.put("outputs", spec.outputs);
        try {
            byte[] text = JSON.writeValueAsString(work).getBytes(StandardCharsets.UTF_8);
            return StageJobNames.hexadecimal(StageJobNames.sha256().digest(text))
                    .substring(0, 32);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
