package hudson.model;

/** Stand-in: something attached to a build, job or computer. */
public interface Action extends ModelObject {
    String getIconFileName();

    @Override
    String getDisplayName();

    String getUrlName();
}
