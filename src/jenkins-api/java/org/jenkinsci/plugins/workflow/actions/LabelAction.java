package org.jenkinsci.plugins.workflow.actions;

/** Stand-in: the name of a step or stage. */
public class LabelAction implements hudson.model.Action {
    private final String displayName;

    public LabelAction(String displayName) {
        this.displayName = displayName;
    }

    @Override
    public String getDisplayName() {
        return displayName;
    }

    @Override
    public String getIconFileName() {
        return null;
    }

    @Override
    public String getUrlName() {
        return null;
    }
}
