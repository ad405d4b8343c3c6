package hudson;

/** Stand-in: what views ask. */
public class Functions {
    /** Whether reading artifacts takes a permission of its own, which an administrator may switch on. */
    public static boolean isArtifactsPermissionEnabled() {
        return Boolean.getBoolean("hudson.security.ArtifactsPermission");
    }
}
