package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.jenkins.plugins.ephemeral.cluster.AccessReviews;
import io.jenkins.plugins.ephemeral.cluster.AccessRight;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Whether Jenkins may do what an environment needs, before anything is made. One rules review says it all; where the
 * server's answer is incomplete, what it does not name is asked for one by one, concurrently.
 */
final class Preflight {
    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final String RULES = "deploy/rbac.yaml";

    private final EnvironmentService service;
    private final Cluster cluster;
    private final String namespace;
    private final Map<AccessRight, Boolean> held = new ConcurrentHashMap<>();
    private final List<AccessRight> everywhere;
    private final List<AccessRight> binding;
    private final List<AccessRight> inside;
    /** What this environment needs besides: of the namespaces that Secrets come from, and to bind the user's role. */
    private final List<AccessRight> asked = new ArrayList<>();

    private final String kind;
    private AccessReviews.Rules rules;
    private Fork asking;
    private String subject;

    /** @param namespace name of the one that is to be made */
    Preflight(EnvironmentService service, Cluster cluster, String namespace, EnvironmentSpec spec) {
        this.service = service;
        this.cluster = cluster;
        this.namespace = namespace;
        everywhere = rights("", "namespaces", null, "create", "get", "list", "watch", "patch", "delete");
        binding = new ArrayList<>(rights(RBAC, "rolebindings", namespace, "create"));
        binding.add(new AccessRight("bind", RBAC, "clusterroles", FixedRoles.NAMESPACE, null));
        inside = new ArrayList<>(rights("", "resourcequotas", namespace, "create", "patch", "get"));
        inside.addAll(rights("", "serviceaccounts", namespace, "create", "patch", "get"));
        inside.addAll(rights("", "limitranges", namespace, "create", "patch"));
        inside.addAll(rights("networking.k8s.io", "networkpolicies", namespace, "create", "patch"));
        if (!spec.secrets.isEmpty()) {
            inside.addAll(rights("", "secrets", namespace, "create", "patch"));
        }
        for (SecretSpec secret : spec.secrets) {
            if (secret.from != null) {
                asked.add(new AccessRight("get", "", "secrets", secret.name, secret.from));
            }
        }
        if (spec.kubeconfig) {
            asked.addAll(rights(RBAC, "rolebindings", namespace, "create", "patch"));
            asked.add(new AccessRight("bind", RBAC, "clusterroles", FixedRoles.USER, null));
            inside.addAll(rights("", "serviceaccounts/token", namespace, "create"));
        }
        // of the right kinds: the namespace is another one each time
        kind = "\n"
                + spec.secrets.stream()
                        .map(each -> each.from + '/' + (each.from == null ? "" : each.name))
                        .sorted()
                        .distinct()
                        .collect(Collectors.joining(" "))
                + (spec.kubeconfig ? " kubeconfig" : "");
    }

    /**
     * Goes on with it; calls that are begun wake the turn.
     *
     * @return whether it is through, and nothing is missing
     * @throws UserFault naming what is missing, and the manifest that grants it
     */
    boolean advance() {
        if (subject == null) {
            subject = cluster.identity().subject().map(Preflight::text).orElse("");
        }
        if (service.clearances().has(cluster, subject + kind)) {
            return true;
        }
        if (rules == null) {
            rules = cluster.reviews().rules(namespace);
        }
        if (!known(everywhere) || !known(binding) || !known(asked)) {
            return false;
        }
        // what the binding gives need not be there before
        boolean mayBind = !subject.isEmpty() && missing(binding).isEmpty();
        if (!mayBind && !known(inside)) {
            return false;
        }
        List<AccessRight> missing = new ArrayList<>(missing(everywhere));
        List<AccessRight> missingAsked = missing(asked);
        List<AccessRight> missingInside = mayBind ? List.of() : missing(inside);
        if (!missingInside.isEmpty()) {
            missing.addAll(missing(binding));
        }
        if (missing.isEmpty() && missingInside.isEmpty() && missingAsked.isEmpty()) {
            service.clearances().add(cluster, subject + kind);
            return true;
        }
        missingAsked.removeAll(missing);
        throw fault(missing, missingAsked, missingInside);
    }

    private boolean known(List<AccessRight> rights) {
        List<AccessRight> open = new ArrayList<>();
        for (AccessRight right : rights) {
            if (rules.give(right)) {
                held.put(right, true);
            } else if (!rules.isIncomplete() && right.isIn(namespace)) {
                held.put(right, false);
            }
            if (!held.containsKey(right)) {
                open.add(right);
            }
        }
        if (open.isEmpty()) {
            asking = null;
            return true;
        }
        if (asking == null) {
            asking = new Fork(service.driver());
            open.forEach(right -> asking.add(() -> {
                held.put(right, cluster.reviews().holds(right));
                return true;
            }));
        }
        asking.advance();
        return false;
    }

    private List<AccessRight> missing(List<AccessRight> rights) {
        return rights.stream().filter(right -> !held.get(right)).collect(Collectors.toList());
    }

    private UserFault fault(
            List<AccessRight> missing, List<AccessRight> missingAsked, List<AccessRight> missingInside) {
        List<AccessRight> all = new ArrayList<>(missing);
        all.addAll(missingAsked);
        all.addAll(missingInside);
        String who = subject.isEmpty() ? "Jenkins' identity in this cluster" : subject;
        boolean elsewhere = all.stream().anyMatch(each -> !each.isIn(namespace));
        boolean here = all.stream().anyMatch(each -> each.isIn(namespace));
        List<String> remedies = new ArrayList<>();
        if (here && missing.isEmpty() && !missingInside.isEmpty()) {
            remedies.add("The server does not say who Jenkins is, so that nothing can be bound to it: say it in the"
                    + " field Own identity of the cluster connection. " + RULES + " grants the rest by "
                    + FixedRoles.NAMESPACE + '.');
        } else if (here) {
            remedies.add("Apply " + RULES + " and bind its ClusterRole " + FixedRoles.CONTROLLER + " to " + who
                    + ", as deploy/jenkins.yaml does"
                    + (missingInside.isEmpty()
                            ? "."
                            : "; what is missing inside the namespace Jenkins then binds itself, by "
                                    + FixedRoles.NAMESPACE + '.'));
        }
        if (elsewhere) {
            remedies.add(
                    "Grant get on the Secrets in the namespaces that they are copied from: docs/rbac.md says how.");
        }
        return new UserFault(
                "Checking what Jenkins may do",
                "cluster " + cluster.name(),
                who + " lacks: " + all.stream().map(AccessRight::toString).collect(Collectors.joining("; ")),
                String.join(" ", remedies));
    }

    private static String text(Subject subject) {
        return subject.getKind()
                + ' '
                + (subject.getNamespace() == null ? "" : subject.getNamespace() + '/')
                + subject.getName();
    }

    private static List<AccessRight> rights(String group, String resource, String namespace, String... verbs) {
        List<AccessRight> rights = new ArrayList<>();
        for (String verb : verbs) {
            rights.add(new AccessRight(verb, group, resource, null, namespace));
        }
        return rights;
    }
}
