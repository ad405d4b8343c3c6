package io.jenkins.plugins.ephemeral.bench.terrakube;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A workspace, and what executors do when they work on it. All may be changed while jobs run. */
public final class TerrakubeWorkspace {
    final String id = UUID.randomUUID().toString();
    final String name;
    final List<String> applied = new CopyOnWriteArrayList<>();
    volatile List<String> planLog = List.of("Terraform will perform the following actions:", "Plan: 1 to add");
    volatile List<String> creates = List.of("null_resource.web");
    volatile String failingType = "";
    volatile boolean held;
    volatile boolean heldInQueue;
    volatile boolean deafToCancel;
    volatile boolean liveLogs = true;
    volatile int linesPerTick = 1;

    TerrakubeWorkspace(String name) {
        this.name = name;
    }

    /** Addresses of the resources that a plan wants to create; none for a plan without changes. */
    public TerrakubeWorkspace creates(String... addresses) {
        creates = List.of(addresses);
        return this;
    }

    /** What a plan logs. */
    public TerrakubeWorkspace planLogs(String... lines) {
        planLog = List.of(lines);
        return this;
    }

    /** Steps of that type fail after their log. */
    public TerrakubeWorkspace fails(String type) {
        failingType = type;
        return this;
    }

    /** Steps stay running after their log until {@link #release}. */
    public TerrakubeWorkspace hold() {
        held = true;
        return this;
    }

    /** Steps stay queued until {@link #release}. */
    public TerrakubeWorkspace holdInQueue() {
        heldInQueue = true;
        return this;
    }

    /** Ends {@link #hold} and {@link #holdInQueue}. */
    public void release() {
        held = false;
        heldInQueue = false;
    }

    /** Ends {@link #holdInQueue} alone. */
    public void heldInQueueNoMore() {
        heldInQueue = false;
    }

    /** An executor whose Pod was pending when its job was cancelled does its work all the same (a known fault). */
    public TerrakubeWorkspace deafToCancel() {
        deafToCancel = true;
        return this;
    }

    /** Each step logs all its lines in one tick. */
    public TerrakubeWorkspace logsAtOnce() {
        linesPerTick = Integer.MAX_VALUE;
        return this;
    }

    /** Nothing is streamed while a step runs; its log is there when it is over (as with custom scripts). */
    public TerrakubeWorkspace logsAtTheEnd() {
        liveLogs = false;
        return this;
    }

    /** Resources that applies have created, one entry for each time. */
    public List<String> applied() {
        return new ArrayList<>(applied);
    }
}
