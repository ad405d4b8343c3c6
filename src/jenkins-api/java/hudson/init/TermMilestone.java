package hudson.init;

/** Stand-in: how far Jenkins has stopped. */
public enum TermMilestone {
    STARTED,
    COMPLETED
}
