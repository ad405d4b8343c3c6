package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The control plane's side of the stand-in for Testkube's agent ({@code src/bench/kube/agent-stand-in}), a program that
 * runs in a cluster: it asks for work, runs each command as a Job, and tells what came of it. The real agent does so by
 * gRPC and with programs of its own; nothing of that is imitated but that it connects from inside, with its id and key.
 */
final class StandInAgents {
    /** Beginning of the paths, which ask for no API token. */
    static final String PATH = "/stand-in/agent/";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration KILLED = Duration.ofSeconds(30);

    private final AgentStore agents;
    private final Map<String, Work> open = new ConcurrentHashMap<>();
    private final Set<String> polling = ConcurrentHashMap.newKeySet();

    StandInAgents(AgentStore agents) {
        this.agents = agents;
    }

    void addTo(Routes routes, Runnable connected) {
        routes.add("POST", PATH + "poll", call -> {
                    Answer answer = poll(call);
                    connected.run();
                    return answer;
                })
                .add("POST", PATH + "work/{id}/end", this::end);
    }

    /** Whether an agent asks for work here, so that its runs are executed by it. */
    boolean isPolling(String agentId) {
        return agentId != null && polling.contains(agentId);
    }

    /** Gives an agent a command to run. */
    StepProcess start(
            String agentId, String id, String image, List<String> command, JsonNode env, Consumer<String> log) {
        Work work = new Work(agentId, image, command, env, log);
        open.put(id, work);
        return work;
    }

    private String authenticated(Call call) {
        String id = call.header("x-agent-id");
        String text = new String(call.body(), StandardCharsets.UTF_8);
        boolean known = call.rawPath().endsWith("/poll")
                ? agents.connect(id, call.header("x-agent-key"), "stand-in", text)
                : polling.contains(id);
        if (!known) {
            throw new Problem(401, "Unauthorized", "no agent of this id and key", null);
        }
        return id;
    }

    private Answer poll(Call call) {
        String agent = authenticated(call);
        polling.add(agent);
        StringBuilder lines = new StringBuilder();
        open.forEach((id, work) -> {
            if (work.agentId.equals(agent)) {
                lines.append(work.killed ? "kill " + id : "run " + id + work.arguments())
                        .append('\n');
            }
        });
        return new Answer(200, "text/plain", lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Answer end(Call call) {
        authenticated(call);
        Work work = open.remove(call.parameter("id"));
        if (work != null) {
            new String(call.body(), StandardCharsets.UTF_8).lines().forEach(work.log);
            work.exitCode = Integer.parseInt(call.header("x-exit-code"));
            work.ended.countDown();
        }
        return Answer.noContent();
    }

    /** A command that an agent is to run. */
    private static final class Work implements StepProcess {
        private final String agentId;
        private final String image;
        private final List<String> command;
        private final JsonNode env;
        private final Consumer<String> log;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile int exitCode = 137;
        private volatile boolean killed;

        private Work(String agentId, String image, List<String> command, JsonNode env, Consumer<String> log) {
            this.agentId = agentId;
            this.image = image;
            this.command = command;
            this.env = env;
            this.log = log;
        }

        private String arguments() {
            return ' ' + image + ' ' + encoded(JSON.valueToTree(command)) + ' ' + encoded(env);
        }

        private static String encoded(JsonNode node) {
            return Base64.getEncoder().encodeToString(node.toString().getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public boolean await(Duration timeout) throws InterruptedException {
            boolean inTime = true;
            if (timeout == null) {
                while (!killed && !ended.await(100, TimeUnit.MILLISECONDS)) {
                    // a kill bounds the rest
                }
            } else {
                inTime = ended.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
            if (!inTime) {
                kill();
            }
            ended.await(KILLED.toMillis(), TimeUnit.MILLISECONDS);
            return inTime;
        }

        @Override
        public int exitCode() {
            return exitCode;
        }

        @Override
        public void kill() {
            killed = true;
        }
    }
}
