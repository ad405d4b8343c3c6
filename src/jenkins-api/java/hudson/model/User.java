package hudson.model;

/** Stand-in: a person. */
public class User implements ModelObject {
    private final String id;

    private User(String id) {
        this.id = id;
    }

    public static User getById(String id, boolean create) {
        return create ? new User(id) : null;
    }

    /** Who acts in this thread, or null where it is Jenkins itself or nobody. */
    public static User current() {
        String name = jenkins.model.Jenkins.getAuthentication2().getName();
        return name.equals(hudson.security.ACL.SYSTEM_USERNAME) || name.equals(hudson.security.ACL.ANONYMOUS_USERNAME)
                ? null
                : new User(name);
    }

    public String getId() {
        return id;
    }

    public String getFullName() {
        return id;
    }

    @Override
    public String getDisplayName() {
        return id;
    }
}
