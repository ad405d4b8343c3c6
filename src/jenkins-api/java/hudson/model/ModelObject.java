package hudson.model;

/** Stand-in: has a name for people. */
public interface ModelObject {
    String getDisplayName();
}
