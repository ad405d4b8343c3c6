package io.jenkins.plugins.ephemeral.bench.demo;

import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.impl.BaseStandardCredentials;
import hudson.util.Secret;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jenkinsci.plugins.plaincredentials.FileCredentials;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;

/** Puts credentials into the bench's system store, as an administrator does. */
public final class BenchCredentials {
    private BenchCredentials() {}

    /** Adds a secret text. */
    public static void secretText(String id, String text) {
        SystemCredentialsProvider.getInstance().getCredentials().add(new Text(id, text));
    }

    /** Adds a secret file. */
    public static void secretFile(String id, String name, String content) {
        SystemCredentialsProvider.getInstance().getCredentials().add(new SecretFile(id, name, content));
    }

    private static final class Text extends BaseStandardCredentials implements StringCredentials {
        private static final long serialVersionUID = 1L;
        private final Secret secret;

        Text(String id, String text) {
            super(CredentialsScope.GLOBAL, id, id);
            secret = Secret.fromString(text);
        }

        @Override
        public Secret getSecret() {
            return secret;
        }
    }

    private static final class SecretFile extends BaseStandardCredentials implements FileCredentials {
        private static final long serialVersionUID = 1L;
        private final String name;
        private final String content;

        SecretFile(String id, String name, String content) {
            super(CredentialsScope.GLOBAL, id, id);
            this.name = name;
            this.content = content;
        }

        @Override
        public String getFileName() {
            return name;
        }

        @Override
        public InputStream getContent() {
            return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
        }
    }
}
