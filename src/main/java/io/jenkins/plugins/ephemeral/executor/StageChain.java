package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import java.util.Objects;

/**
 * What follows for a stage from the one it comes after: whether it runs at all, and of which commit and which image. An
 * apply does what its plan said only if both are the same.
 */
public final class StageChain {
    /** What {@code after} says when a stage depends on none. */
    static final String NONE = "none";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final StageJobSpec spec;

    StageChain(StageJobSpec spec) {
        this.spec = spec;
    }

    /**
     * Refuses a stage that changes things and does not say what it comes after.
     *
     * @throws UserFault if so
     */
    void checkAfter() {
        if (spec.after == null && StageType.of(spec).isChanging()) {
            throw new UserFault(
                    "reading ephemeralJob '" + spec.name + "'",
                    "parameter after",
                    "it is missing, and the stage is of type " + spec.type,
                    "Name the stage whose plan it carries out, or write after: 'none'.");
        }
    }

    /**
     * Links a stage to the one before it.
     *
     * @param report what the build knows so far
     * @param environment where the stage is to run
     * @return null to go ahead, SKIPPED if there is nothing to do
     * @throws UserFault if it must not run
     */
    StageJobResult link(Report report, NamespaceRef environment) {
        readCommit();
        StageJobResult skipped = follow(report, spec.name, spec.after);
        if (skipped != null || spec.after == null || spec.after.equals(NONE)) {
            return skipped;
        }
        StageEntry before = find(report, spec.after);
        pinCommit(before);
        pinImage(before);
        takeOutputs(before, environment);
        return null;
    }

    /**
     * Whether a stage is to be run after another one.
     *
     * @param report what the build knows so far
     * @param name the stage
     * @param after the stage before; null or {@code none} for none
     * @return null to go ahead, SKIPPED if there is nothing to do
     * @throws UserFault if it must not run
     */
    public static StageJobResult follow(Report report, String name, String after) {
        if (after == null || after.equals(NONE)) {
            return null;
        }
        StageEntry before = find(report, after);
        if (before == null) {
            throw refused(name, after, "no stage of that name has run in this build", "Run it before this one.");
        }
        if (is(before, Outcome.NO_CHANGES) || is(before, Outcome.SKIPPED)) {
            return new StageJobResult(
                    Outcome.SKIPPED, null, "Stage " + after + " found nothing to do, so this one was not run.");
        }
        if (!is(before, Outcome.CHANGES) && !is(before, Outcome.SUCCEEDED)) {
            throw refused(
                    name,
                    after,
                    before.outcome == null ? "that stage is not over" : "that stage ended as " + before.outcome,
                    "Mend it first: a stage runs only after one that ended well.");
        }
        return null;
    }

    private static StageEntry find(Report report, String name) {
        for (StageEntry entry : report.stages) {
            if (entry.name.equals(name)) {
                return entry;
            }
        }
        return null;
    }

    private void takeOutputs(StageEntry before, NamespaceRef environment) {
        if (before.outputs == null) {
            return;
        }
        if (before.outputsSha256 == null || before.handover == null) {
            throw refused("its outputs (" + before.outputs + ") were not handed over", "Run that stage again.");
        }
        if (!environment.namespace().equals(before.namespace)
                || !environment.cluster().equals(before.cluster)) {
            throw refused(
                    "its outputs are in namespace " + before.namespace + " of cluster " + before.cluster
                            + ", and this stage would run in " + environment,
                    "Run both in the same environment.");
        }
        if (spec.workingDir != null && !spec.workingDir.startsWith(StagePod.WORKSPACE)) {
            throw refused(
                    "its outputs cannot be unpacked in workingDir " + spec.workingDir,
                    "Use a working directory below " + StagePod.WORKSPACE + '.');
        }
        spec.inputsFrom = before.handover;
        spec.inputsSha256 = before.outputsSha256;
    }

    private void pinCommit(StageEntry before) {
        if (before.commit == null) {
            return;
        }
        if (spec.commit != null && !spec.commit.equals(before.commit)) {
            throw refused(
                    "it is of commit " + before.commit + ", and this stage would be of " + spec.commit,
                    "Plan again, or leave commit away: it is handed on.");
        }
        spec.commit = before.commit;
        writeCommit();
    }

    /** The tag may name another image by now: the same name means the image that ran before. */
    private void pinImage(StageEntry before) {
        if (before.imageDigest == null || before.image == null) {
            return;
        }
        boolean sameName = withoutDigest(spec.image).equals(withoutDigest(before.image));
        if (!spec.image.contains("@")) {
            spec.image = sameName ? spec.image + '@' + before.imageDigest : spec.image;
            return;
        }
        // as the step before names it, or as its node named what ran: of an image for several platforms these differ
        boolean same = spec.image.equals(before.image) || spec.image.endsWith('@' + before.imageDigest);
        if (!same && repository(spec.image).equals(repository(before.image))) {
            throw refused(
                    "it ran image " + withoutDigest(before.image) + " with digest " + before.imageDigest
                            + ", and this stage would run " + spec.image,
                    "Plan again with that image, or leave the digest away: it is handed on.");
        }
    }

    private static String withoutDigest(String image) {
        return image.replaceFirst("@.*", "");
    }

    private static String repository(String image) {
        return withoutDigest(image).replaceFirst(":[^:/]*$", "");
    }

    private void readCommit() {
        ObjectNode payload = payload();
        String commit = payload == null ? null : payload.path("commitId").asText(null);
        if (commit == null || commit.equals("null") || commit.isEmpty()) {
            writeCommit();
        } else if (spec.commit == null) {
            spec.commit = commit;
        } else if (!Objects.equals(spec.commit, commit)) {
            throw new UserFault(
                    "starting stage '" + spec.name + "'",
                    "parameter commit",
                    spec.commit + " is not the payload's commitId " + commit,
                    "Leave one of them away.");
        }
    }

    private void writeCommit() {
        ObjectNode payload = payload();
        if (payload != null && payload.has("commitId") && spec.commit != null) {
            payload.put("commitId", spec.commit);
            spec.payload = payload.toString();
        }
    }

    private ObjectNode payload() {
        try {
            return spec.payload == null ? null : (ObjectNode) JSON.readTree(spec.payload);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the payload was checked before");
        }
    }

    private static boolean is(StageEntry entry, Outcome outcome) {
        return outcome.name().equals(entry.outcome);
    }

    private UserFault refused(String why, String remedy) {
        return refused(spec.name, spec.after, why, remedy);
    }

    private static UserFault refused(String name, String after, String why, String remedy) {
        return new UserFault("starting stage '" + name + "'", "after: " + after, why, remedy);
    }
}
