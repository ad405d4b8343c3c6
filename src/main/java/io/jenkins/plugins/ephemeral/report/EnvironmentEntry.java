package io.jenkins.plugins.ephemeral.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One environment of a build. */
public final class EnvironmentEntry {
    /** Its name: the key of this entry. */
    public String name;

    /** Name of its cluster. */
    public String cluster;

    /** Its namespace. */
    public String namespace;

    /** State in words: {@code READY}, {@code DELETING}... */
    public String state;

    /** Why it is in that state, or null. */
    public String reason;

    /** When it was asked for. */
    public Instant requestedAt;

    /** When it was usable; null if never. */
    public Instant readyAt;

    /** When its release began; null until then. */
    public Instant releasedAt;

    /** When it expires at the latest. */
    public Instant expiresAt;

    /** Phases of provisioning with their durations. */
    public List<Phase> phases = new ArrayList<>();

    /** Its agents. */
    public List<Agent> agents = new ArrayList<>();

    /** Resources applied, {@code Kind/name}. */
    public List<String> resources = new ArrayList<>();

    /** Addresses for people, by name. */
    public Map<String, String> urls = new LinkedHashMap<>();

    /** What it would be made of, as YAML, if this was a dry run; else null. */
    public String plan;

    /** Workflows that have a name of this environment's own in the control plane: name to that name. */
    public Map<String, String> variants = new LinkedHashMap<>();

    /** Whether this build applied anything, and whether a trigger was among it. */
    public boolean applied;

    /** See {@link #applied}. */
    public boolean appliedTriggers;

    /** When the newest run had been asked for that was there before, by the control plane's clock; null for none. */
    public Instant runsBefore;

    /** One phase. */
    public static final class Phase {
        /** Name for people. */
        public String name;

        /** Begin. */
        public Instant startedAt;

        /** Duration in milliseconds. */
        public long durationMillis;
    }

    /** One Testkube agent. */
    public static final class Agent {
        /** Its name in the control plane. */
        public String name;

        /** Its id in the control plane. */
        public String id;

        /** Name of the control plane. */
        public String controlPlane;

        /** {@code runner}, {@code shared} or {@code standalone}. */
        public String mode;

        /** When it was seen connected; null if never. */
        public Instant connectedAt;
    }
}
