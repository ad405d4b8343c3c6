package io.jenkins.plugins.ephemeral.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Tells which family an error of the API server belongs to, and says it in words that a user can act on. */
public final class Faults {
    /** The authorizer's sentence: k8s.io/apiserver, handlers/responsewriters/errors.go. */
    private static final Pattern FORBIDDEN = Pattern.compile("User \"([^\"]*)\" cannot (\\S+) resource \"([^\"]+)\""
            + " in API group \"([^\"]*)\"(?: in the namespace \"([^\"]+)\")?");

    /** What an apply that would create is told when the verb create is missing: a sentence without a reason. */
    private static final Pattern WITHOUT_REASON = Pattern.compile("^(\\S+) \"[^\"]*\" is forbidden:\\s*$");

    private static final Pattern MISSING_NAMESPACE = Pattern.compile("namespaces? \"[^\"]*\" not found");
    private static final String PERMISSIONS = "docs/rbac.md lists what Jenkins' identity needs.";

    private Faults() {}

    static Fault of(KubernetesClientException e, String what, String where, RequestLimiter limiter) {
        int code = e.getCode();
        if (code <= 0) {
            return unanswered(e, what, where);
        }
        if (!isOfKubernetes(e) && code != 429 && code < 500) {
            return new UserFault(
                    what,
                    where,
                    "HTTP " + code + " without a status of Kubernetes" + inBrackets(why(e)),
                    "Check that the URL of this cluster is that of its API server and that no proxy or login page is in"
                            + " between.",
                    e);
        }
        switch (code) {
            case 401:
                return new UserFault(
                        what, where, why(e), "Renew the credentials of this cluster in the Jenkins configuration.", e);
            case 403:
                return forbidden(e, what, where);
            case 404:
                return notFound(e, what, where);
            case 409:
                return conflict(e, what, where);
            case 429:
                Duration pause = retryAfter(e, Duration.ofSeconds(1));
                limiter.throttled(pause);
                return new TransientFault(what, where, why(e), "", pause, e);
            default:
                return other(e, what, where, limiter);
        }
    }

    /** A failure of the client itself, such as one that was closed or replaced under a running call. */
    static Fault ofClient(RuntimeException e, String what, String where) {
        return new TransientFault(what, where, "the client failed: " + rootMessage(e), "", Duration.ZERO, e);
    }

    /** Whether it says that an object of that name exists already. */
    public static boolean isAlreadyExists(KubernetesClientException e) {
        return e.getCode() == 409 && "AlreadyExists".equals(reason(e));
    }

    static boolean isPreconditionFailed(KubernetesClientException e) {
        return why(e).contains("recondition");
    }

    private static Fault other(KubernetesClientException e, String what, String where, RequestLimiter limiter) {
        int code = e.getCode();
        if (code == 410 || code == 408 || code >= 500) {
            Duration pause = retryAfter(e, Duration.ZERO);
            if (code == 503 && !pause.isZero()) {
                limiter.throttled(pause);
            }
            return new TransientFault(what, where, "HTTP " + code + ": " + why(e), "", pause, e);
        }
        return new UserFault(what, where, why(e), "", e);
    }

    private static Fault forbidden(KubernetesClientException e, String what, String where) {
        String why = why(e);
        if (hasCause(e, "NamespaceTerminating") || why.contains("because it is being terminated")) {
            return new LostFault(what, where, why, "The namespace is being deleted: ask for a new environment.");
        }
        if (why.contains("exceeded quota")) {
            return new UserFault(what, where, why, "Raise the environment's quota or ask for less.", e);
        }
        if (why.contains("failed quota")) {
            return new UserFault(
                    what, where, why, "Set these requests or limits, or give the environment a limitRange.", e);
        }
        if (why.contains("violates PodSecurity")) {
            return new UserFault(
                    what, where, why, "Change the Pod's securityContext, or the environment's podSecurity.", e);
        }
        Matcher verb = FORBIDDEN.matcher(why);
        if (verb.find()) {
            String group = verb.group(4).isEmpty() ? "" : '.' + verb.group(4);
            String scope = verb.group(5) == null ? " in the whole cluster" : " in namespace " + verb.group(5);
            return new UserFault(
                    what,
                    where,
                    why,
                    "Grant " + verb.group(1) + " the verb " + verb.group(2) + " on " + verb.group(3) + group + scope
                            + ": " + PERMISSIONS,
                    e);
        }
        Matcher silent = WITHOUT_REASON.matcher(why);
        if (silent.find()) {
            return new UserFault(
                    what,
                    where,
                    why.trim() + " the server gives no reason, as it does where something is to be made",
                    "Grant Jenkins' identity the verb create on " + silent.group(1) + ": " + PERMISSIONS,
                    e);
        }
        return new UserFault(what, where, why, PERMISSIONS, e);
    }

    /** Whether it says that the identity lacks a verb, and nothing about what was asked for. */
    public static boolean isOfIdentity(KubernetesClientException e) {
        String why = why(e);
        return e.getCode() == 401
                || FORBIDDEN.matcher(why).find()
                || e.getCode() == 403 && WITHOUT_REASON.matcher(why).find();
    }

    private static Fault notFound(KubernetesClientException e, String what, String where) {
        String why = why(e);
        if (MISSING_NAMESPACE.matcher(why).find()) {
            return new LostFault(what, where, why, "The namespace is gone: somebody or something deleted it.");
        }
        if (why.contains("could not find the requested resource")) {
            return new UserFault(
                    what,
                    where,
                    why,
                    "This cluster does not know the kind: install its CustomResourceDefinition, or use a newer cluster.",
                    e);
        }
        return new UserFault(what, where, why, "", e);
    }

    private static Fault conflict(KubernetesClientException e, String what, String where) {
        List<StatusCause> owners = causes(e).stream()
                .filter(cause -> "FieldManagerConflict".equals(cause.getReason()))
                .collect(Collectors.toList());
        if (!owners.isEmpty()) {
            String fields = owners.stream()
                    .map(cause -> cause.getField() + " (" + cause.getMessage() + ')')
                    .collect(Collectors.joining(", "));
            return new UserFault(
                    what,
                    where,
                    "fields are owned by another field manager: " + fields,
                    "Leave these fields to their owner, or let it give them up.",
                    e);
        }
        if (isAlreadyExists(e)) {
            return new UserFault(what, where, why(e), "", e);
        }
        // lost races: of two writers of one object, or of one quota
        return new TransientFault(what, where, why(e), "", Duration.ZERO, e);
    }

    private static Fault unanswered(KubernetesClientException e, String what, String where) {
        String why = rootMessage(e);
        for (Throwable t = e; t != null; t = t.getCause() == t ? null : t.getCause()) {
            if (t instanceof SSLPeerUnverifiedException
                    || t instanceof SSLHandshakeException
                    || t instanceof CertificateException) {
                return new UserFault(
                        what,
                        where,
                        "TLS: " + why,
                        "Check the certificate authority and the host name in the configuration of this cluster.",
                        e);
            }
            if (t instanceof InterruptedIOException || t instanceof TimeoutException) {
                why = "it took longer than the time limit";
            }
            if (t instanceof UnknownHostException) {
                return new TransientFault(
                        what,
                        where,
                        "unknown host " + t.getMessage(),
                        "Check the URL of this cluster and the DNS of the Jenkins controller.",
                        Duration.ZERO,
                        e);
            }
            if (t instanceof JsonProcessingException) {
                return new UserFault(
                        what,
                        where,
                        "the answer is not one of Kubernetes: " + firstLine(t.getMessage()),
                        "Check that the URL of this cluster is that of its API server and that no proxy or login page is"
                                + " in between.",
                        e);
            }
        }
        return new TransientFault(what, where, "the API server did not answer: " + why, "", Duration.ZERO, e);
    }

    /** Kubernetes fills in a reason for each code that we act on; the client's own status for other bodies has none. */
    private static boolean isOfKubernetes(KubernetesClientException e) {
        Status status = e.getStatus();
        return status != null && status.getReason() != null;
    }

    private static Duration retryAfter(KubernetesClientException e, Duration otherwise) {
        Status status = e.getStatus();
        Integer seconds = status == null || status.getDetails() == null
                ? null
                : status.getDetails().getRetryAfterSeconds();
        return seconds == null || seconds <= 0 ? otherwise : Duration.ofSeconds(seconds);
    }

    private static boolean hasCause(KubernetesClientException e, String reason) {
        return causes(e).stream().anyMatch(cause -> reason.equals(cause.getReason()));
    }

    private static List<StatusCause> causes(KubernetesClientException e) {
        Status status = e.getStatus();
        return status == null
                        || status.getDetails() == null
                        || status.getDetails().getCauses() == null
                ? List.of()
                : status.getDetails().getCauses();
    }

    private static String reason(KubernetesClientException e) {
        Status status = e.getStatus();
        return status == null ? "" : String.valueOf(status.getReason());
    }

    private static String why(KubernetesClientException e) {
        Status status = e.getStatus();
        if (status != null
                && status.getMessage() != null
                && !status.getMessage().isBlank()) {
            return status.getMessage();
        }
        return status == null ? rootMessage(e) : "";
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return firstLine(root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage());
    }

    private static String firstLine(String text) {
        String line = text == null ? "" : text.strip().lines().findFirst().orElse("");
        return line.length() > 500 ? line.substring(0, 500) + '…' : line;
    }

    private static String inBrackets(String text) {
        return text.isEmpty() ? "" : " (" + firstLine(text) + ')';
    }
}
