package hudson.security;

import hudson.model.User;
import java.util.List;
import java.util.function.BiFunction;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/** Stand-in: who may do what. */
public abstract class ACL {
    public static final String ANONYMOUS_USERNAME = "anonymous";
    public static final String SYSTEM_USERNAME = "SYSTEM";
    public static final Authentication SYSTEM2 = of(SYSTEM_USERNAME);
    private static final ThreadLocal<Authentication> CURRENT = ThreadLocal.withInitial(() -> SYSTEM2);

    public boolean hasPermission2(Authentication a, Permission permission) {
        throw new UnsupportedOperationException("hasPermission2");
    }

    public final boolean hasPermission(Permission p) {
        Authentication a = current();
        return a.equals(SYSTEM2) || hasPermission2(a, p);
    }

    public final boolean hasAnyPermission(Permission... permissions) {
        for (Permission p : permissions) {
            if (hasPermission(p)) {
                return true;
            }
        }
        return false;
    }

    public final void checkPermission(Permission p) {
        if (!hasPermission(p)) {
            throw new AccessDeniedException3(current(), p);
        }
    }

    public final void checkAnyPermission(Permission... permissions) {
        if (!hasAnyPermission(permissions)) {
            throw new AccessDeniedException3(current(), permissions[0]);
        }
    }

    public static ACL lambda2(BiFunction<Authentication, Permission, Boolean> impl) {
        return new ACL() {
            @Override
            public boolean hasPermission2(Authentication a, Permission permission) {
                return impl.apply(a, permission);
            }
        };
    }

    /** Acts as {@code auth} in this thread until closed. */
    public static ACLContext as2(Authentication auth) {
        Authentication before = CURRENT.get();
        CURRENT.set(auth);
        return new ACLContext(() -> CURRENT.set(before));
    }

    public static ACLContext as(User user) {
        return as2(of(user == null ? ANONYMOUS_USERNAME : user.getId()));
    }

    /** Not in the real API, where it is behind {@code Jenkins.getAuthentication2()}. */
    public static Authentication current() {
        return CURRENT.get();
    }

    private static Authentication of(String name) {
        return new Named(name);
    }

    /** A person or Jenkins itself, by name alone. */
    private static final class Named implements Authentication {
        private static final long serialVersionUID = 1L;
        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public Object getPrincipal() {
            return name;
        }

        @Override
        public Object getCredentials() {
            return null;
        }

        @Override
        public Object getDetails() {
            return null;
        }

        @Override
        public java.util.Collection<? extends GrantedAuthority> getAuthorities() {
            return List.of();
        }

        @Override
        public boolean isAuthenticated() {
            return true;
        }

        @Override
        public void setAuthenticated(boolean isAuthenticated) {
            throw new IllegalArgumentException("cannot be changed");
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Named other && name.equals(other.name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }
}
