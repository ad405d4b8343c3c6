package hudson.model;

import java.io.File;

/** Stand-in: has a directory of its own. */
public interface PersistenceRoot extends Saveable {
    File getRootDir();
}
