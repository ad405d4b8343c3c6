package io.jenkins.plugins.ephemeral.config;

import com.cloudbees.plugins.credentials.Credentials;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.model.Run;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;

/**
 * Credentials as a build may use them: those of its folders and the global ones, and with a parameter's value or as the
 * user that it runs as, its own. {@code CredentialsProvider} is called by name, as a compiler that wants to see its
 * supertypes needs one that is in none of the artifacts that this build may rely on.
 */
final class RunCredentials {
    private static final Method FIND = method("findCredentialById", String.class, Class.class, Run.class, List.class);
    private static final Method TRACK = method("track", Run.class, Credentials.class);

    private RunCredentials() {}

    /** The credential of that id, noted as used by the build; null if there is none that it may use. */
    @CheckForNull
    static StandardCredentials use(String id, Run<?, ?> run) {
        Object found = call(FIND, id, StandardCredentials.class, run, List.of());
        return found == null ? null : (StandardCredentials) call(TRACK, run, found);
    }

    private static Method method(String name, Class<?>... parameters) {
        try {
            return CredentialsProvider.class.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("the credentials plugin has no " + name, e);
        }
    }

    private static Object call(Method method, Object... arguments) {
        try {
            return method.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException) {
                throw (RuntimeException) e.getCause();
            }
            throw new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
