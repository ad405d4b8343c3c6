package io.jenkins.plugins.ephemeral.config;

import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.common.UsernamePasswordCredentials;
import hudson.model.Job;
import hudson.model.Run;
import io.jenkins.plugins.ephemeral.environment.SecretContent;
import io.jenkins.plugins.ephemeral.environment.SecretSources;
import io.jenkins.plugins.ephemeral.environment.SecretSpec;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jenkinsci.plugins.plaincredentials.FileCredentials;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;

/** Credentials that a build may use, those of its folders included, as the Secrets of an environment. */
final class BuildSecrets implements SecretSources {
    /** A Secret's limit is 1 MiB, base64 included: Kubernetes core/v1 MaxSecretSize. */
    private static final int MAX_FILE_BYTES = 1024 * 1024;

    @Override
    public boolean isOpen(String namespace) {
        return EphemeralConfiguration.get().secretNamespaceSet().stream()
                .anyMatch(pattern -> namespace.matches(
                        pattern.replaceAll("[^*]+", "\\\\Q$0\\\\E").replace("*", ".*")));
    }

    @Override
    public SecretContent credential(RunRef ref, SecretSpec spec) {
        Job<?, ?> job = JenkinsBuilds.find(ref.jobFullName());
        Run<?, ?> run = job == null ? null : job.getBuildByNumber(ref.buildNumber());
        if (run == null) {
            throw fault(spec, "build " + ref.externalId() + " is gone", "");
        }
        StandardCredentials found = RunCredentials.use(spec.credentialsId, run);
        if (found == null) {
            throw fault(
                    spec,
                    "there is none of that id that job " + ref.jobFullName() + " may use",
                    "Add it to a folder of the job, or to the global ones.");
        }
        switch (spec.as) {
            case "dockerconfigjson":
                return docker(spec, found);
            case "tls":
                return SecretContent.of(SecretContent.TLS, PemPair.of(spec, text(spec, found)));
            default:
                return opaque(spec, found);
        }
    }

    private static SecretContent docker(SecretSpec spec, StandardCredentials found) {
        String json = found instanceof UsernamePasswordCredentials
                ? DockerConfig.of(
                        spec.registry,
                        ((UsernamePasswordCredentials) found).getUsername(),
                        ((UsernamePasswordCredentials) found).getPassword().getPlainText())
                : text(spec, found);
        if (!DockerConfig.isOne(json)) {
            throw fault(
                    spec,
                    "its text is not JSON with an object auths",
                    "Use what docker login writes into ~/.docker/config.json, or user and password.");
        }
        return SecretContent.of(SecretContent.DOCKER, Map.of(".dockerconfigjson", json));
    }

    private static SecretContent opaque(SecretSpec spec, StandardCredentials found) {
        if (found instanceof UsernamePasswordCredentials) {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("username", ((UsernamePasswordCredentials) found).getUsername());
            values.put(
                    "password",
                    ((UsernamePasswordCredentials) found).getPassword().getPlainText());
            return SecretContent.of(SecretContent.OPAQUE, values);
        }
        if (found instanceof FileCredentials) {
            String name = ((FileCredentials) found).getFileName();
            String key = name != null && name.matches("[-._a-zA-Z0-9]{1,253}") ? name : "file";
            // as it is: it need not be text
            String content = Base64.getEncoder().encodeToString(bytes(spec, (FileCredentials) found));
            return new SecretContent(SecretContent.OPAQUE, Map.of(key, content));
        }
        return SecretContent.of(SecretContent.OPAQUE, Map.of("text", text(spec, found)));
    }

    private static String text(SecretSpec spec, StandardCredentials found) {
        if (found instanceof StringCredentials) {
            return ((StringCredentials) found).getSecret().getPlainText();
        }
        if (found instanceof FileCredentials) {
            return new String(bytes(spec, (FileCredentials) found), StandardCharsets.UTF_8);
        }
        throw fault(
                spec,
                "it is of a kind that cannot become " + spec.as,
                "Use a secret text or a secret file" + (spec.as.equals("tls") ? "." : ", or user and password."));
    }

    private static byte[] bytes(SecretSpec spec, FileCredentials found) {
        try (InputStream in = found.getContent()) {
            byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
            if (content.length > MAX_FILE_BYTES) {
                throw fault(spec, "its file is larger than 1 MiB", "");
            }
            return content;
        } catch (IOException e) {
            throw fault(spec, String.valueOf(e.getMessage()), "");
        }
    }

    static UserFault fault(SecretSpec spec, String why, String remedy) {
        return new UserFault(
                "reading credentials " + spec.credentialsId, "Secret " + spec.name + " as " + spec.as, why, remedy);
    }
}
