package io.jenkins.plugins.ephemeral.config;

import com.cloudbees.plugins.credentials.Credentials;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.FileCredentials;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;

/**
 * Credentials of administrator-level connections, from the global domain of the system's own store: they are there for
 * teardown when the build, its job and its folder are gone, and no other provider has to answer for that.
 */
final class SystemCredentials {
    private static final int MAX_FILE_BYTES = 256 * 1024;

    private SystemCredentials() {}

    /** A secret text, for the call that is about to be made. */
    static String secretText(String id, String user) {
        return find(id, StringCredentials.class, user, "secret text")
                .getSecret()
                .getPlainText();
    }

    /** A secret file's text. */
    static String secretFile(String id, String user) {
        try (InputStream in =
                find(id, FileCredentials.class, user, "secret file").getContent()) {
            return new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserFault("reading credentials " + id, user, String.valueOf(e.getMessage()), "", e);
        }
    }

    /** Whether there is a secret file of that id. */
    static boolean isSecretFile(String id) {
        return lookUp(id, FileCredentials.class) != null;
    }

    /** The secret texts that an administrator may choose from; for others only the current value. */
    static ListBoxModel secretTexts(String current) {
        return choices(current, false);
    }

    /** The secret texts and files that an administrator may choose from; for others only the current value. */
    static ListBoxModel secretTextsAndFiles(String current) {
        return choices(current, true);
    }

    private static ListBoxModel choices(String current, boolean files) {
        StandardListBoxModel items = new StandardListBoxModel();
        if (Jenkins.get().hasPermission(Jenkins.ADMINISTER)) {
            items.includeEmptyValue();
            for (Credentials known : SystemCredentialsProvider.getInstance().getCredentials()) {
                if (known instanceof StringCredentials || files && known instanceof FileCredentials) {
                    items.with((StandardCredentials) known);
                }
            }
        }
        items.includeCurrentValue(current);
        return items;
    }

    private static <C extends StandardCredentials> C find(String id, Class<C> type, String user, String kind) {
        C found = lookUp(id, type);
        if (found == null) {
            throw new UserFault(
                    "reading the credentials of " + user,
                    "",
                    id == null || id.isBlank() ? "none are configured" : "there is no " + kind + " of id " + id,
                    "Add a " + kind + " under Manage Jenkins > Credentials > System > Global and choose it in the"
                            + " configuration of Ephemeral Environments.");
        }
        return found;
    }

    @CheckForNull
    private static <C extends StandardCredentials> C lookUp(String id, Class<C> type) {
        for (Credentials known : SystemCredentialsProvider.getInstance().getCredentials()) {
            if (type.isInstance(known) && type.cast(known).getId().equals(id)) {
                return type.cast(known);
            }
        }
        return null;
    }
}
