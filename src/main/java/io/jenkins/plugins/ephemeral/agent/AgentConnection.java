package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.jenkins.plugins.ephemeral.cluster.Hints;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;

/**
 * Waits until an agent is connected: its Pod is ready and the control plane has heard from it. Says meanwhile what stands
 * in the way, and gives up when waiting would change nothing or the time is over.
 */
final class AgentConnection {
    private static final long FIRST_LOOK_MILLIS = 250;
    private static final long LONGEST_LOOK_MILLIS = 3_000;
    private static final long DIAGNOSIS_MILLIS = 5_000;

    private final AgentSite site;
    private final AgentSource source;
    private final String address;
    private final long startedMillis = System.currentTimeMillis();

    private Hints.Subscription subscription;
    private long lookMillis = FIRST_LOOK_MILLIS;
    private long diagnosedMillis;
    private Deployment seen;
    private long seenMillis;
    private String said = "";
    private volatile String status = "waiting for the agent's Pod";

    /** @param address where the agent connects to, for messages */
    AgentConnection(AgentSite site, AgentSource source, String address) {
        this.site = site;
        this.source = source;
        this.address = address;
    }

    String status() {
        return status;
    }

    Progress<AgentRef> look(Obligation obligation) throws InterruptedException {
        subscribe();
        Deployment deployment = deployment();
        boolean ready = isReady(deployment);
        status = ready ? "waiting for the agent to connect to the control plane" : "waiting for the agent's Pod";
        if (ready) {
            AgentSource.Proof proof = source.connected(obligation);
            if (proof.connected()) {
                return connected(obligation, proof.version());
            }
            if (proof.problem() != null) {
                throw failed(obligation, proof.problem(), proof.remedy());
            }
        } else if (System.currentTimeMillis() - diagnosedMillis > DIAGNOSIS_MILLIS) {
            diagnosedMillis = System.currentTimeMillis();
            diagnose(obligation, deployment);
        }
        long deadline = AgentObligation.deadlineMillis(obligation);
        if (deadline > 0 && site.nowMillis() > deadline) {
            throw late(obligation, deployment);
        }
        return Progress.again(shorter(ready ? nextLook() : subscription.slowLook(), deadline));
    }

    /** While only the control plane is waited for, the cluster is not asked each time. */
    private Deployment deployment() {
        long now = System.currentTimeMillis();
        if (!isReady(seen) || now - seenMillis > DIAGNOSIS_MILLIS) {
            seenMillis = now;
            seen = site.cluster()
                    .get(Deployment.class, site.environment().namespace(), AgentManifests.NAME)
                    .orElse(null);
        }
        return seen;
    }

    /** Most agents connect at once; the control plane need not be asked often for the others. */
    private Duration nextLook() {
        Duration look = Duration.ofMillis(lookMillis);
        lookMillis = Math.min(lookMillis * 2, LONGEST_LOOK_MILLIS);
        return look;
    }

    private void subscribe() {
        if (subscription == null) {
            subscription = site.cluster()
                    .hints()
                    .subscribe(Deployment.class, site.environment().namespace(), Turn.waker());
            Turn turn = Turn.current();
            if (turn != null) {
                turn.drive().whenOver(subscription::close);
            }
        }
    }

    private Duration shorter(Duration look, long deadline) {
        long left = Math.max(0, deadline - site.nowMillis()) + 50;
        return Duration.ofMillis(Math.min(Math.min(look.toMillis(), DIAGNOSIS_MILLIS), left));
    }

    private static boolean isReady(Deployment deployment) {
        if (deployment == null || deployment.getStatus() == null) {
            return false;
        }
        Integer available = deployment.getStatus().getAvailableReplicas();
        Long observed = deployment.getStatus().getObservedGeneration();
        Integer updated = deployment.getStatus().getUpdatedReplicas();
        return available != null
                && available > 0
                && updated != null
                && updated > 0
                && observed != null
                && observed >= deployment.getMetadata().getGeneration();
    }

    private Progress<AgentRef> connected(Obligation obligation, String version) {
        subscription.close();
        site.owe(AgentObligation.withDeadline(obligation, 0));
        String controlPlane = AgentObligation.controlPlane(obligation);
        long seconds = (System.currentTimeMillis() - startedMillis) / 1000;
        site.console()
                .line("Testkube agent " + called(obligation) + " is connected to control plane " + controlPlane + " ("
                        + seconds + " s" + (version.isEmpty() ? "" : ", version " + version) + ").");
        return Progress.done(new AgentRef(
                source.mode(), controlPlane, AgentObligation.id(obligation), AgentObligation.name(obligation), ""));
    }

    private void diagnose(Obligation obligation, Deployment deployment) {
        AgentDiagnosis diagnosis = diagnosis(deployment);
        if (!diagnosis.text().equals(said)) {
            said = diagnosis.text();
            site.console().line("Waiting for Testkube agent " + called(obligation) + ": " + said + '.');
        }
        if (diagnosis.isHopeless()) {
            throw failed(obligation, said, diagnosis.trouble().remedy(address));
        }
    }

    private AgentDiagnosis diagnosis(Deployment deployment) {
        return AgentDiagnosis.of(site.cluster(), site.environment().namespace(), site.identity(), deployment);
    }

    private UserFault late(Obligation obligation, Deployment deployment) {
        String within = "it was not connected within " + site.spec().timeout.toSeconds() + " s: ";
        AgentDiagnosis diagnosis = diagnosis(deployment);
        if (isReady(deployment) && diagnosis.trouble() == AgentTrouble.NONE) {
            return failed(
                    obligation,
                    within + "its Pod is ready, and the control plane has not seen it",
                    "Check that Pods may reach " + address
                            + " (network policies, proxies), and that it belongs to this control plane.");
        }
        return failed(obligation, within + diagnosis.text(), diagnosis.trouble().remedy(address));
    }

    /** The next attempt gets a time of its own; one that resumes after a restart keeps this one. */
    private UserFault failed(Obligation obligation, String why, String remedy) {
        site.owe(AgentObligation.withDeadline(obligation, 0));
        return new UserFault(
                "connecting Testkube agent " + called(obligation),
                site.environment() + ", control plane " + AgentObligation.controlPlane(obligation),
                why,
                remedy);
    }

    private static String called(Obligation obligation) {
        String name = AgentObligation.name(obligation);
        return name.isEmpty() ? obligation.key : name;
    }
}
