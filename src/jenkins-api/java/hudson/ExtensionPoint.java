package hudson;

/** Stand-in: marks what plugins may implement. */
public interface ExtensionPoint {}
