package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.UserFault;

/** Which name comes next, while earlier environments still have the names before it. */
final class Generations {
    private static final int MOST = 1000;

    private Generations() {}

    /** The first name of a base, from a generation on, that no record has. */
    static String next(Registry registry, String base, int from) {
        for (int generation = from; generation < from + MOST; generation++) {
            String name = Names.generation(base, generation);
            if (!registry.knows(name)) {
                return name;
            }
        }
        throw new UserFault(
                "Provisioning the environment",
                base,
                "a thousand of its predecessors are still there",
                "See why they do not go, and forget those that are gone.");
    }

    /** The next one after that of a record. */
    static String after(Registry registry, String base, String name) {
        int generation = 1;
        while (generation < MOST && !Names.generation(base, generation).equals(name)) {
            generation++;
        }
        return next(registry, base, generation == MOST ? 1 : generation + 1);
    }
}
