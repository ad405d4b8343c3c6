package hudson.security;

/** Stand-in: has permissions of its own. */
public interface AccessControlled {
    ACL getACL();

    default void checkPermission(Permission permission) {
        getACL().checkPermission(permission);
    }

    default void checkAnyPermission(Permission... permissions) {
        getACL().checkAnyPermission(permissions);
    }

    default boolean hasPermission(Permission permission) {
        return getACL().hasPermission(permission);
    }

    default boolean hasAnyPermission(Permission... permissions) {
        return getACL().hasAnyPermission(permissions);
    }
}
