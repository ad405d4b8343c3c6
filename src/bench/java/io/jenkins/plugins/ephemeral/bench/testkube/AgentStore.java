package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The agents of the organization. Names are unique among those that are not deleted; a fixed agent that runs workflows
 * takes a licence when it is created, a floating one while it is connected (its runs stay queued when none is free).
 */
final class AgentStore {
    private static final Pattern NAME = Pattern.compile("^[a-z0-9]([a-z0-9-.]*[a-z0-9])?$");
    private static final int LONGEST_NAME = 40;

    private final ControlPlaneSettings settings;
    private final Clock clock;
    private final Identifiers identifiers;
    private final List<Agent> agents = new ArrayList<>();

    AgentStore(ControlPlaneSettings settings, Identifiers identifiers) {
        this.settings = settings;
        this.clock = settings.clock;
        this.identifiers = identifiers;
    }

    /** @throws Problem for a bad or taken name, an unknown environment, or when no licence is left */
    synchronized Agent create(JsonNode request) {
        String name = request.path("name").asText("");
        if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
            throw Problem.badRequest(
                    "invalid agent name '" + name + "': at most " + LONGEST_NAME + " characters, pattern " + NAME);
        }
        if (request.path("environments").isEmpty()) {
            throw Problem.badRequest("at least one environment is required");
        }
        for (JsonNode environment : request.path("environments")) {
            if (!environment.asText().equals(settings.environmentId)) {
                throw Problem.badRequest("environment '" + environment.asText() + "' not found");
            }
        }
        if (living().anyMatch(a -> a.name.equals(name))) {
            throw new Problem(
                    settings.duplicateNameStatus, "Agent exists", "agent '" + name + "' already exists", null);
        }
        Agent agent = new Agent(identifiers.agentId(), identifiers.agentKey(), request, clock.instant());
        if (agent.isRunner() && !agent.floating && licencesTaken() >= settings.licences) {
            throw new Problem(
                    settings.licenceErrorStatus,
                    "Licence limit reached",
                    "no agent licence is left: " + settings.licences + " in use",
                    "agent-limit");
        }
        agents.add(agent);
        return agent;
    }

    private Stream<Agent> living() {
        return agents.stream().filter(a -> a.deletedAt == null);
    }

    private long licencesTaken() {
        return living().filter(a -> a.isRunner() && (!a.floating || a.connected))
                .count();
    }

    synchronized List<Agent> list(boolean includeDeleted) {
        return agents.stream()
                .filter(a -> includeDeleted || a.deletedAt == null)
                .toList();
    }

    /** Finds one by id or name, as the API does. */
    synchronized Optional<Agent> find(String idOrName, boolean includeDeleted) {
        return list(includeDeleted).stream()
                .filter(a -> a.id.equals(idOrName) || a.name.equals(idOrName))
                .findFirst();
    }

    synchronized boolean delete(String idOrName) {
        Optional<Agent> agent = find(idOrName, false);
        agent.ifPresent(a -> {
            a.deletedAt = clock.instant();
            a.connected = false;
        });
        return agent.isPresent();
    }

    synchronized boolean connect(String id, String secretKey, String version, String namespace) {
        Optional<Agent> agent = living().filter(a -> a.id.equals(id) && a.secretKey.equals(secretKey))
                .findFirst();
        agent.ifPresent(a -> {
            Instant now = clock.instant();
            // "connected" is read off accessedAt being later than createdAt, also on a clock that stands still
            a.accessedAt = now.isAfter(a.createdAt) ? now : a.createdAt.plusMillis(1);
            a.version = version;
            a.namespace = namespace;
            a.connected = !a.floating || a.connected || licencesTaken() < settings.licences;
        });
        return agent.isPresent();
    }

    synchronized void disconnect(String id) {
        living().filter(a -> a.id.equals(id)).forEach(a -> a.connected = false);
    }

    /** Whether a runner exists that could take this target, connected or not. */
    synchronized boolean anyMatches(JsonNode target) {
        return living().anyMatch(a -> a.isRunner() && a.accepts(target));
    }

    /** A connected runner for this target. */
    synchronized Optional<Agent> free(JsonNode target) {
        Predicate<Agent> fits = a -> a.connected && a.isRunner() && a.accepts(target);
        return living().filter(fits).findFirst();
    }
}
