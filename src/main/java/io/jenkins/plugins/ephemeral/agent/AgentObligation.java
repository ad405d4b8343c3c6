package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import java.util.Optional;

/** What the record of an environment says about its agent; the key is the agent's name. */
final class AgentObligation {
    /** Kind of the obligation. */
    static final String KIND = "testkube-agent";

    private static final String CONTROL_PLANE = "controlPlane";
    private static final String ID = "id";
    private static final String DEADLINE = "deadlineMillis";

    private AgentObligation() {}

    static Obligation of(String controlPlane, String name, String id, long deadlineMillis) {
        Obligation obligation = new Obligation();
        obligation.kind = KIND;
        obligation.key = name;
        obligation.details.put(CONTROL_PLANE, controlPlane);
        if (id != null) {
            obligation.details.put(ID, id);
        }
        if (deadlineMillis > 0) {
            obligation.details.put(DEADLINE, String.valueOf(deadlineMillis));
        }
        return obligation;
    }

    /** That of the agent in a record, if one was taken on. */
    static Optional<Obligation> in(EnvironmentRecord environment) {
        return environment.obligations.stream()
                .filter(obligation -> KIND.equals(obligation.kind))
                .findFirst();
    }

    /** Name of the control plane. */
    static String controlPlane(Obligation obligation) {
        return obligation.details.get(CONTROL_PLANE);
    }

    /** Id in the control plane, or null while it is not known. */
    static String id(Obligation obligation) {
        return obligation.details.get(ID);
    }

    /** Until when the installation that goes on may take, milliseconds since the epoch; 0 if none goes on. */
    static long deadlineMillis(Obligation obligation) {
        return Long.parseLong(obligation.details.getOrDefault(DEADLINE, "0"));
    }
}
