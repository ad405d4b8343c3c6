package hudson.model;

import hudson.FilePath;

/** Stand-in: serves the files of a folder. */
public final class DirectoryBrowserSupport {
    public DirectoryBrowserSupport(
            ModelObject owner, FilePath base, String title, String icon, boolean serveDirIndex) {}
}
