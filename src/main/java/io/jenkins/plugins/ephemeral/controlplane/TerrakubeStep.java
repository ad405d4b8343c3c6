package io.jenkins.plugins.ephemeral.controlplane;

/**
 * One step of a Terrakube job.
 *
 * @param id UUID
 * @param number its place in the flow
 * @param name its name; also where Terrakube writes why it could not be dispatched
 * @param status {@code pending}, {@code running}, {@code completed}, {@code failed}, {@code cancelled} or {@code
 *     notExecuted}
 */
public record TerrakubeStep(String id, int number, String name, String status) {
    /** Whether its log is stored as a whole. */
    public boolean isOver() {
        return !status.equals("pending") && !status.equals("running") && !status.equals("queue");
    }

    /** Whether it did something, well or not. */
    public boolean hasRun() {
        return status.equals("completed") || status.equals("failed");
    }
}
