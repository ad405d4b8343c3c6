package io.jenkins.plugins.ephemeral.bench.testkube;

import java.time.Clock;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Ids and keys in Testkube's forms. */
final class Identifiers {
    private final Clock clock;
    private final Random random = new Random();
    private final AtomicInteger counter = new AtomicInteger(random.nextInt(1 << 23));

    Identifiers(Clock clock) {
        this.clock = clock;
    }

    String agentId() {
        return String.format("tkcagent_%016x", random.nextLong());
    }

    String agentKey() {
        return String.format("tkckey_agent_%016x%016x", random.nextLong(), random.nextLong());
    }

    /** An object id of 24 hexadecimal digits. */
    String executionId() {
        long seconds = clock.instant().getEpochSecond() & 0xffffffffL;
        return String.format("%08x%010x%06x", seconds, random.nextLong() & 0xffffffffffL, counter.incrementAndGet());
    }

    /** A step reference: random, so that nobody relies on it from run to run. */
    String stepReference(int index) {
        StringBuilder reference = new StringBuilder("r");
        for (int i = 0; i < 5; i++) {
            reference.append("bcdfghjklmnpqrstvwxz2456789".charAt(random.nextInt(27)));
        }
        return reference.append(Integer.toString(index, Character.MAX_RADIX)).toString();
    }
}
