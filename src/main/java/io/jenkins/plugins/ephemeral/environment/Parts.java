package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeItemBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an environment is made of, rendered from its record. Pure: the same record gives the same objects. */
final class Parts {
    /** Name of the quota, the limit range and the network policy. */
    static final String NAME = "ephemeral-environment";

    private static final String POD_SECURITY = "pod-security.kubernetes.io/";
    private static final Map<String, String> DEFAULT_QUOTA = Map.of("pods", "50");
    private static final Map<String, String> STANDARD_REQUESTS =
            Map.of("cpu", "100m", "memory", "128Mi", "ephemeral-storage", "100Mi");
    private static final Map<String, String> STANDARD_LIMITS =
            Map.of("cpu", "1", "memory", "1Gi", "ephemeral-storage", "2Gi");
    /** One container may take so much of the quota by default, so that a Pod with several of them still fits. */
    private static final BigDecimal SHARE = BigDecimal.valueOf(4);

    private Parts() {}

    static Namespace namespace(EnvironmentRecord record) {
        Map<String, String> labels = new LinkedHashMap<>(record.spec.labels);
        labels.putAll(labels(record));
        // Testkube's own Pods are not restricted, so only warned about
        labels.put(POD_SECURITY + "enforce", record.spec.podSecurity);
        labels.put(POD_SECURITY + "audit", "restricted");
        labels.put(POD_SECURITY + "warn", "restricted");
        Map<String, String> annotations = new LinkedHashMap<>(record.spec.annotations);
        annotations.putAll(annotations(record));
        return new NamespaceBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withName(record.name)
                        .withLabels(labels)
                        .withAnnotations(annotations)
                        .build())
                .build();
    }

    /** Who it is for, and what is needed to make the record anew from the namespace. */
    static Map<String, String> annotations(EnvironmentRecord record) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Labels.RUN, record.run().externalId());
        annotations.put(Labels.JOB, record.jobFullName);
        if (!record.runUrl.isEmpty()) {
            annotations.put(Labels.RUN_URL, record.runUrl);
        }
        annotations.put(Labels.SPEC_HASH, record.specHash);
        annotations.put(Labels.LIFETIME, record.spec.lifetime.name());
        annotations.put(Labels.BASE, record.base);
        annotations.put(Labels.TTL, record.spec.ttl.toString());
        if (record.spec.maxAge != null) {
            annotations.put(Labels.MAX_AGE, record.spec.maxAge.toString());
        }
        annotations.putAll(expiry(record.expiresAt));
        return annotations;
    }

    /** The annotations that sweepers in the cluster go by. */
    static Map<String, String> expiry(Instant expiresAt) {
        // kube-janitor reads whole seconds only
        String text = expiresAt.truncatedTo(ChronoUnit.SECONDS).toString();
        return Map.of(Labels.EXPIRES_AT, text, Labels.JANITOR_EXPIRES, text);
    }

    /** Gives Jenkins its rights inside; named after the subject, so that one of that name is this one. */
    static RoleBinding ownRights(EnvironmentRecord record, Subject jenkins) {
        String subject = jenkins.getKind() + '/' + jenkins.getNamespace() + '/' + jenkins.getName();
        return new RoleBindingBuilder()
                .withMetadata(meta(record, "ephemeral-environments-" + Names.hash(subject)))
                .withNewRoleRef()
                .withApiGroup("rbac.authorization.k8s.io")
                .withKind("ClusterRole")
                .withName(FixedRoles.NAMESPACE)
                .endRoleRef()
                .withSubjects(jenkins)
                .build();
    }

    /** Lets the environment's service account work inside, for those who get a kubeconfig of it. */
    private static RoleBinding userRights(EnvironmentRecord record) {
        return new RoleBindingBuilder()
                .withMetadata(meta(record, FixedRoles.USER))
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", FixedRoles.USER)
                .addNewSubject(null, "ServiceAccount", record.spec.serviceAccount, record.namespace())
                .build();
    }

    /** What is applied once Jenkins has its rights inside, in no particular order. */
    static List<HasMetadata> inside(EnvironmentRecord record) {
        List<HasMetadata> parts = new ArrayList<>(List.of(quota(record), limitRange(record), serviceAccount(record)));
        NetworkRules.policy(record.spec, meta(record, NAME)).ifPresent(parts::add);
        defaultAccount(record).ifPresent(parts::add);
        if (record.spec.kubeconfig) {
            parts.add(userRights(record));
        }
        return parts;
    }

    static ResourceQuota quota(EnvironmentRecord record) {
        return new ResourceQuotaBuilder()
                .withMetadata(meta(record, NAME))
                .withNewSpec()
                .withHard(quantities(record.spec.quota.isEmpty() ? DEFAULT_QUOTA : record.spec.quota))
                .endSpec()
                .build();
    }

    /** Whether the server has begun to count: before it has, it refuses each Pod. */
    static boolean isCounted(ResourceQuota quota) {
        return quota.getStatus() != null
                && quota.getStatus().getHard() != null
                && !quota.getStatus().getHard().isEmpty();
    }

    /**
     * Requests, and limits where the quota counts them: a quota on cpu refuses each container that does not say how
     * much it takes, so there is never a quota without one of these.
     */
    static LimitRange limitRange(EnvironmentRecord record) {
        Map<String, Quantity> limits = new LinkedHashMap<>();
        Map<String, Quantity> requests = new LinkedHashMap<>();
        for (String resource : List.of("cpu", "memory", "ephemeral-storage")) {
            String own = record.spec.limitRange.get(resource);
            String limitQuota = record.spec.quota.get("limits." + resource);
            String requestQuota =
                    record.spec.quota.getOrDefault("requests." + resource, record.spec.quota.get(resource));
            boolean counted = limitQuota != null || requestQuota != null;
            if (own != null) {
                limits.put(resource, new Quantity(own.strip()));
                requests.put(resource, new Quantity(own.strip()));
            } else if (counted || !resource.equals("ephemeral-storage")) {
                if (limitQuota != null) {
                    limits.put(resource, within(STANDARD_LIMITS.get(resource), limitQuota));
                }
                Quantity request = within(STANDARD_REQUESTS.get(resource), requestQuota);
                requests.put(resource, limitQuota == null ? request : lesser(request, limits.get(resource)));
            }
        }
        return new LimitRangeBuilder()
                .withMetadata(meta(record, NAME))
                .withNewSpec()
                .withLimits(new LimitRangeItemBuilder()
                        .withType("Container")
                        .withDefault(limits.isEmpty() ? null : limits)
                        .withDefaultRequest(requests)
                        .build())
                .endSpec()
                .build();
    }

    static ServiceAccount serviceAccount(EnvironmentRecord record) {
        return new ServiceAccountBuilder()
                .withMetadata(meta(record, record.spec.serviceAccount))
                .withAutomountServiceAccountToken(false)
                .withImagePullSecrets(references(record.pullSecrets()))
                .build();
    }

    /** Lets Pods that name no service account pull with the same Secrets; the account itself is the server's. */
    private static Optional<ServiceAccount> defaultAccount(EnvironmentRecord record) {
        if (record.pullSecrets().isEmpty() || record.spec.serviceAccount.equals("default")) {
            return Optional.empty();
        }
        return Optional.of(new ServiceAccountBuilder()
                .withMetadata(meta(record, "default"))
                .withImagePullSecrets(references(record.pullSecrets()))
                .build());
    }

    static List<LocalObjectReference> references(List<String> names) {
        List<LocalObjectReference> references = new ArrayList<>();
        names.forEach(name -> references.add(new LocalObjectReference(name)));
        return references;
    }

    /** @param content its type and values; null to show it without */
    static Secret secret(EnvironmentRecord record, String name, SecretContent content) {
        return new SecretBuilder()
                .withMetadata(meta(record, name))
                .withType(content == null ? null : content.type())
                .withData(content == null ? null : content.data())
                .build();
    }

    /** The labels by which everything of an environment is known. */
    static Map<String, String> labels(EnvironmentRecord record) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(Labels.CONTROLLER, record.controllerId);
        labels.put(Labels.ENVIRONMENT, record.name);
        return labels;
    }

    private static ObjectMeta meta(EnvironmentRecord record, String name) {
        return new ObjectMetaBuilder()
                .withNamespace(record.namespace())
                .withName(name)
                .withLabels(labels(record))
                .build();
    }

    private static Map<String, Quantity> quantities(Map<String, String> texts) {
        Map<String, Quantity> quantities = new LinkedHashMap<>();
        texts.forEach((resource, text) -> quantities.put(resource, new Quantity(text.strip())));
        return quantities;
    }

    private static Quantity within(String standard, String quota) {
        Quantity usual = new Quantity(standard);
        if (quota == null) {
            return usual;
        }
        BigDecimal share = new Quantity(quota.strip()).getNumericalAmount().divide(SHARE, 3, RoundingMode.DOWN);
        return usual.getNumericalAmount().compareTo(share) <= 0 ? usual : thousandths(share);
    }

    private static Quantity lesser(Quantity one, Quantity other) {
        return one.getNumericalAmount().compareTo(other.getNumericalAmount()) <= 0 ? one : other;
    }

    /** As {@code 250m}, or whole where it is: Kubernetes reads both for every resource. */
    private static Quantity thousandths(BigDecimal amount) {
        if (amount.compareTo(BigDecimal.ONE) >= 0 && amount.compareTo(BigDecimal.valueOf(1000)) > 0) {
            return new Quantity(amount.setScale(0, RoundingMode.DOWN).toPlainString());
        }
        return new Quantity(
                amount.movePointRight(3).setScale(0, RoundingMode.DOWN).toPlainString() + 'm');
    }
}
