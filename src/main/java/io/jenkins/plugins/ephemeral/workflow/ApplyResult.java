package io.jenkins.plugins.ephemeral.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What applying manifests did; lists of {@code Kind/name}. */
public final class ApplyResult {
    /** Applied in the namespace and, with an agent in runner mode, upserted in the control plane. */
    public final List<String> applied = new ArrayList<>();

    /** Taken away because an earlier call of this environment had applied them and this one does not name them. */
    public final List<String> pruned = new ArrayList<>();

    /** Names of the TestWorkflows among the applied ones. */
    public final List<String> workflows = new ArrayList<>();

    /** Workflows that have a name of this environment's own in the control plane: name to that name. */
    public final Map<String, String> variants = new LinkedHashMap<>();
}
