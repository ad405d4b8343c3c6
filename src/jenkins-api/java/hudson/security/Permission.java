package hudson.security;

import org.jvnet.localizer.Localizable;

/** Stand-in: a right that may be granted. */
public final class Permission {
    public static final PermissionGroup HUDSON_PERMISSIONS = new PermissionGroup(hudson.model.Hudson.class, null);
    public static final Permission HUDSON_ADMINISTER = new Permission(HUDSON_PERMISSIONS, "Administer", null);
    public static final PermissionGroup GROUP = new PermissionGroup(Permission.class, null);
    public static final Permission FULL_CONTROL = new Permission(GROUP, "FullControl", HUDSON_ADMINISTER);
    public static final Permission READ = new Permission(GROUP, "GenericRead", HUDSON_ADMINISTER);
    public static final Permission WRITE = new Permission(GROUP, "GenericWrite", HUDSON_ADMINISTER);
    public static final Permission CREATE = new Permission(GROUP, "GenericCreate", WRITE);
    public static final Permission UPDATE = new Permission(GROUP, "GenericUpdate", WRITE);
    public static final Permission DELETE = new Permission(GROUP, "GenericDelete", WRITE);
    public static final Permission CONFIGURE = new Permission(GROUP, "GenericConfigure", UPDATE);

    @SuppressWarnings("rawtypes")
    public final Class owner;

    public final PermissionGroup group;
    public final String name;
    public final Localizable description;
    public final Permission impliedBy;
    public boolean enabled = true;

    public Permission(
            PermissionGroup group, String name, Localizable description, Permission impliedBy, PermissionScope scope) {
        this.owner = group.owner;
        this.group = group;
        this.name = name;
        this.description = description;
        this.impliedBy = impliedBy;
    }

    public Permission(PermissionGroup group, String name, Permission impliedBy) {
        this(group, name, null, impliedBy, null);
    }

    public String getId() {
        return owner.getName() + "." + name;
    }

    @Override
    public String toString() {
        return "Permission[" + owner + "," + name + "]";
    }
}
