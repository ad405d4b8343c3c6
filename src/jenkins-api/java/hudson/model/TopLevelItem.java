package hudson.model;

/** Stand-in: an item that may be directly under Jenkins. */
public interface TopLevelItem extends Item {}
