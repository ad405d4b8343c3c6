package io.jenkins.plugins.ephemeral.bench.testkube;

import java.util.HashSet;
import java.util.Set;

/** Holds executions before they enter a state, for tests that want to look at the state before it. */
final class Gate {
    private final Set<String> closed = new HashSet<>();

    synchronized void close(String status) {
        closed.add(status);
    }

    synchronized void openAll() {
        closed.clear();
        notifyAll();
    }

    synchronized void pass(String status) throws InterruptedException {
        while (closed.contains(status)) {
            wait();
        }
    }
}
