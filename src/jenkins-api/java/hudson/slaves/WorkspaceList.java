package hudson.slaves;

import hudson.FilePath;

/** Stand-in: where temporary files of a workspace are. */
public final class WorkspaceList {
    public static FilePath tempDir(FilePath ws) {
        FilePath parent = ws.getParent();
        return parent == null ? null : parent.child(ws.getName() + "@tmp");
    }
}
