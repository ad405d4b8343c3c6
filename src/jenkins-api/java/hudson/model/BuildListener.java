package hudson.model;

/** Stand-in: the console of a build. */
public interface BuildListener extends TaskListener {}
