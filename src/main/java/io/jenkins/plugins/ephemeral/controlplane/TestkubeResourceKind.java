package io.jenkins.plugins.ephemeral.controlplane;

/** Kinds of resources that are kept in the control plane. */
public enum TestkubeResourceKind {
    /** TestWorkflow. */
    WORKFLOW("test-workflows", "workflow", "PUT", ""),
    /** TestWorkflowTemplate. */
    TEMPLATE("test-workflow-templates", "workflow template", "PUT", ""),
    /** TestTrigger. */
    TRIGGER("triggers", "trigger", "PATCH", "?mode=replace");

    private final String path;
    private final String word;
    private final String updateMethod;
    private final String updateQuery;

    TestkubeResourceKind(String path, String word, String updateMethod, String updateQuery) {
        this.path = path;
        this.word = word;
        this.updateMethod = updateMethod;
        this.updateQuery = updateQuery;
    }

    /** HTTP method that replaces one. */
    String updateMethod() {
        return updateMethod;
    }

    /** Query of the request that replaces one. */
    String updateQuery() {
        return updateQuery;
    }

    /** Last part of the collection's path. */
    String path() {
        return path;
    }

    /** What messages call one. */
    public String word() {
        return word;
    }
}
