package io.jenkins.plugins.ephemeral.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;

/**
 * Mode {@code standalone}: an agent that is already there, with an API of its own. Nothing is installed; it is connected
 * when its API answers. What is owed is that the environment's runs on it are aborted in the end.
 */
final class StandaloneAgent implements Reconciler<AgentRef> {
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final AgentSite site;
    private String said = "";
    private volatile String status = "waiting for the agent's API";

    StandaloneAgent(AgentSite site) {
        this.site = site;
    }

    @Override
    public String status() {
        return status;
    }

    @Override
    public Progress<AgentRef> reconcile() {
        site.livingRecord();
        String service = service();
        Obligation known = site.takeOn(AgentMode.STANDALONE, "", service);
        if (AgentObligation.service(known).isEmpty()) {
            known = site.owe(AgentObligation.withAgent(AgentObligation.withService(known, service), "", ""));
        }
        Obligation obligation = site.withDeadline(known);
        AgentApi api = new AgentApi(site.cluster(), service);
        String missing;
        try {
            JsonNode info = api.info();
            if (info != null) {
                return connected(obligation, service, info);
            }
            missing = "there is no such Service";
        } catch (TransientFault fault) {
            missing = fault.why();
        } catch (UserFault fault) {
            if (AgentApi.code(fault) != 404) {
                throw failed(obligation, fault);
            }
            missing = "there is no such Service";
        }
        return waiting(obligation, api, missing);
    }

    private String service() {
        String namespace =
                site.spec().agentNamespace == null || site.spec().agentNamespace.isEmpty()
                        ? site.environment().namespace()
                        : site.spec().agentNamespace;
        return namespace + '/' + site.spec().agentService;
    }

    private Progress<AgentRef> connected(Obligation obligation, String service, JsonNode info) {
        site.owe(AgentObligation.withDeadline(obligation, 0));
        String version = info.path("version").asText("");
        site.console()
                .line("Testkube agent " + service + " answers"
                        + (version.isEmpty() ? "." : ", version " + version + '.'));
        return Progress.done(new AgentRef(AgentMode.STANDALONE, "", "", "", service));
    }

    private Progress<AgentRef> waiting(Obligation obligation, AgentApi api, String missing) {
        status = "waiting for the agent's API: " + missing;
        if (!said.equals(missing)) {
            said = missing;
            site.console().line("Waiting for Testkube agent " + api.where() + ": " + missing + '.');
        }
        if (site.nowMillis() > AgentObligation.deadlineMillis(obligation)) {
            throw failed(
                    obligation,
                    new UserFault(
                            "reaching the Testkube agent",
                            api.where(),
                            "it did not answer within " + site.spec().timeout.toSeconds() + " s: " + missing,
                            "Check agentNamespace and agentService, and that the agent's Pod is ready."));
        }
        return Progress.again(LOOK);
    }

    private <F extends Fault> F failed(Obligation obligation, F fault) {
        site.owe(AgentObligation.withDeadline(obligation, 0));
        return fault;
    }
}
