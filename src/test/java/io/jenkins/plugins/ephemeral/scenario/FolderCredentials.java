package io.jenkins.plugins.ephemeral.scenario;

import com.cloudbees.plugins.credentials.Credentials;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import com.cloudbees.plugins.credentials.impl.BaseStandardCredentials;
import hudson.model.ItemGroup;
import hudson.util.Secret;
import java.util.List;
import org.springframework.security.core.Authentication;

/** A provider that has user and password for every job. */
@SuppressWarnings("rawtypes")
final class FolderCredentials extends CredentialsProvider {
    static final String ID = "Registry_1";
    static final String VALUE = "p4ssw0rd-of-the-folder";

    @Override
    public <C extends Credentials> List<C> getCredentialsInItemGroup(
            Class<C> type, ItemGroup group, Authentication authentication, List<DomainRequirement> requirements) {
        UserAndPassword only = new UserAndPassword();
        return type.isInstance(only) ? List.of(type.cast(only)) : List.of();
    }

    private static final class UserAndPassword extends BaseStandardCredentials
            implements StandardUsernamePasswordCredentials {
        private static final long serialVersionUID = 1L;

        UserAndPassword() {
            super(CredentialsScope.GLOBAL, ID, ID);
        }

        @Override
        public String getUsername() {
            return "me";
        }

        @Override
        public Secret getPassword() {
            return Secret.fromString(VALUE);
        }
    }
}
