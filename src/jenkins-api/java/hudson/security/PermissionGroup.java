package hudson.security;

import org.jvnet.localizer.Localizable;

/** Stand-in: permissions shown together. */
public final class PermissionGroup {
    @SuppressWarnings("rawtypes")
    public final Class owner;

    public final Localizable title;

    @SuppressWarnings("rawtypes")
    public PermissionGroup(Class owner, Localizable title) throws IllegalStateException {
        this.owner = owner;
        this.title = title;
    }

    @SuppressWarnings("rawtypes")
    public PermissionGroup(String id, Class owner, Localizable title) throws IllegalStateException {
        this(owner, title);
    }
}
