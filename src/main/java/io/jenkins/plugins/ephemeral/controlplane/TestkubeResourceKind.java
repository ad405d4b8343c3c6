package io.jenkins.plugins.ephemeral.controlplane;

/** Kinds of resources that are kept in the control plane. */
public enum TestkubeResourceKind {
    /** TestWorkflow. */
    WORKFLOW("test-workflows", "workflow"),
    /** TestWorkflowTemplate. */
    TEMPLATE("test-workflow-templates", "workflow template");

    private final String path;
    private final String word;

    TestkubeResourceKind(String path, String word) {
        this.path = path;
        this.word = word;
    }

    /** Last part of the collection's path. */
    String path() {
        return path;
    }

    /** What messages call one. */
    String word() {
        return word;
    }
}
