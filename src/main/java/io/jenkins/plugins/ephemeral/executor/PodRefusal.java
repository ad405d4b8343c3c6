package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.cluster.Faults;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Says why a Pod or its Job was refused, from the words of the API server: they are in the Job's {@code FailedCreate}
 * events if its Pod was refused, and in the answer to the create if the Job was.
 */
final class PodRefusal {
    private PodRefusal() {}

    /** What a Job without a Pod waits for; its events are the only thing that tells. */
    static Finding of(List<Event> events) {
        Event event = StageEvents.newest(events, "FailedCreate");
        if (event == null) {
            return Finding.starting(
                    Outcome.POD_REFUSED,
                    "waiting for its Pod",
                    "No Pod was made for its Job, and no event says why. Does the cluster's Job controller run?");
        }
        return of("Its Pod was refused: ", "waiting because its Pod is refused: ", event.getMessage());
    }

    /**
     * What a fault of the API server's own words means for a stage.
     *
     * @param namespaceTrouble looks what became of the namespace; null if it is there
     * @return the finding, or null if it is not about the cluster's rules but about us
     */
    static Finding of(Fault fault, Supplier<String> namespaceTrouble) {
        if (fault instanceof LostFault) {
            boolean gone = namespaceTrouble.get() != null;
            return Finding.hopeless(gone ? Outcome.NAMESPACE_GONE : Outcome.LOST, "", fault.getMessage());
        }
        boolean said = fault instanceof UserFault && fault.getCause() instanceof KubernetesClientException;
        if (!said) {
            return null;
        }
        KubernetesClientException refusal = (KubernetesClientException) fault.getCause();
        String words = refusal.getStatus() == null
                ? ""
                : String.valueOf(refusal.getStatus().getMessage());
        if (Faults.isOfIdentity(refusal)) {
            return Finding.hopeless(Outcome.FORBIDDEN, "", fault.getMessage());
        }
        Finding finding = of("Its Job was refused: ", "waiting because its Job is refused: ", words);
        return finding.outcome() == Outcome.POD_REFUSED ? null : finding;
    }

    private static Finding of(String refused, String waits, String words) {
        String message = PodFacts.sentence(words);
        String lower = message.toLowerCase(Locale.ROOT);
        String why = refused + message;
        String waiting = waits + message;
        if (lower.contains("exceeded quota") || lower.contains("resourcequotas")) {
            return Finding.starting(
                    Outcome.QUOTA,
                    waiting,
                    why + " Raise the environment's quota, ask for less in resources, or run fewer things at once.");
        }
        if (lower.contains("failed quota")) {
            return Finding.hopeless(
                    Outcome.QUOTA, waiting, why + " The quota counts these: say them in the parameter resources.");
        }
        if (lower.contains("failed calling webhook") || lower.contains("timeout") || lower.contains("timed out")) {
            return Finding.starting(
                    Outcome.ADMISSION, waiting, why + " Look at the admission webhook that does not answer.");
        }
        if (lower.contains("violates podsecurity")) {
            return Finding.hopeless(
                    Outcome.POD_SECURITY,
                    waiting,
                    why
                            + " Leave what it names out of securityContext and podYaml, or give the environment another podSecurity.");
        }
        if (lower.contains("admission webhook") || lower.contains("validatingadmissionpolicy")) {
            return Finding.hopeless(
                    Outcome.ADMISSION,
                    waiting,
                    why + " Change the stage so that the cluster's policy allows it, or ask who keeps the policy.");
        }
        if (lower.contains("serviceaccount") && (lower.contains("not found") || lower.contains("no api token"))) {
            return Finding.hopeless(
                    Outcome.SERVICE_ACCOUNT,
                    waiting,
                    why + " Name a ServiceAccount that exists in the parameter serviceAccount.");
        }
        if (lower.contains("forbidden") || lower.contains("denied") || lower.contains("invalid")) {
            return Finding.hopeless(
                    Outcome.POD_REFUSED,
                    waiting,
                    why + " Change the stage so that the cluster's policy allows it, or the policy.");
        }
        return Finding.starting(Outcome.POD_REFUSED, waiting, why);
    }
}
