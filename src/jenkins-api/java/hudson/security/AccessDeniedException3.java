package hudson.security;

import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.Authentication;

/** Stand-in: a permission is missing. */
public class AccessDeniedException3 extends AccessDeniedException {
    private static final long serialVersionUID = 1L;
    public final transient Authentication authentication;
    public final transient Permission permission;

    public AccessDeniedException3(Authentication authentication, Permission permission) {
        super(authentication.getName() + " is missing the " + permission.group.owner.getSimpleName() + "/"
                + permission.name + " permission");
        this.authentication = authentication;
        this.permission = permission;
    }
}
