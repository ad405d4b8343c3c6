package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Quantity;
import io.jenkins.plugins.ephemeral.cluster.PodSecurity;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what is wrong with a specification before the first call is made, by the name of the parameter. */
final class SpecValidation {
    private static final Duration SHORTEST_TTL = Duration.ofMinutes(1);
    private static final Duration LONGEST_TTL = Duration.ofDays(90);
    private static final Duration LONGEST_AGE = Duration.ofDays(366);
    private static final Set<String> CONTAINER_RESOURCES = Set.of("cpu", "memory", "ephemeral-storage");
    /** Limit of all annotations of an object together: k8s.io/apimachinery, api/validation/objectmeta.go. */
    private static final int ANNOTATION_CHARACTERS = 256 * 1024;

    private static final Pattern LABEL_VALUE = Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");
    private static final Pattern KEY =
            Pattern.compile("([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
                    + "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern RESOURCE = Pattern.compile("[a-z0-9]([-a-z0-9./]{0,250}[a-z0-9])?");
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern DNS_SUBDOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private static final Pattern URL_NAME = Pattern.compile("[A-Za-z0-9][-A-Za-z0-9_ ]{0,39}");
    private static final Pattern URL = Pattern.compile("https?://[^\\s\"'<>]{1,2000}");
    private static final Pattern PLACE = Pattern.compile("\\{([^}]*)}");
    private static final Set<String> URL_PLACES = Set.of("namespace", "cluster", "environment");

    private SpecValidation() {}

    /**
     * Checks everything.
     *
     * @throws UserFault naming the first parameter that is wrong
     */
    static void check(EnvironmentSpec spec) {
        placement(spec);
        if (present(spec.name)) {
            check("name", spec.name, DNS_LABEL, "lower case letters, digits and dashes, 63 characters at most");
            if (Names.isReserved(spec.name)) {
                throw wrong("name", "'" + spec.name + "' is reserved", "Choose one that Kubernetes does not use.");
            }
        }
        if (present(spec.namePrefix)) {
            check("namePrefix", spec.namePrefix, DNS_LABEL, "lower case letters, digits and dashes");
            if (spec.namePrefix.length() > Names.LONGEST_PREFIX) {
                throw wrong("namePrefix", "it is longer than " + Names.LONGEST_PREFIX + " characters", "Shorten it.");
            }
        }
        if (spec.ttl == null || spec.ttl.compareTo(SHORTEST_TTL) < 0 || spec.ttl.compareTo(LONGEST_TTL) > 0) {
            throw wrong("ttl", "'" + spec.ttl + "' is not between one minute and 90 days", "Write '2h', for instance.");
        }
        if (spec.maxAge != null
                && (spec.maxAge.compareTo(SHORTEST_TTL) < 0 || spec.maxAge.compareTo(LONGEST_AGE) > 0)) {
            throw wrong(
                    "maxAge",
                    "'" + spec.maxAge + "' is not between one minute and a year",
                    "Write '14d', for instance.");
        }
        if (spec.concurrency != Concurrency.WAIT && spec.lifetime == Lifetime.BUILD) {
            throw wrong(
                    "concurrency",
                    "no other build can hold the environment of a build",
                    "Leave it out, or write lifetime: 'branch'.");
        }
        quantities("quota", spec.quota);
        quantities("limitRange", spec.limitRange);
        for (String resource : spec.limitRange.keySet()) {
            if (!CONTAINER_RESOURCES.contains(resource)) {
                throw wrong(
                        "limitRange",
                        "'" + resource + "' is not a resource of containers",
                        "Use cpu, memory or ephemeral-storage.");
            }
        }
        labels(spec.labels);
        annotations(spec.annotations);
        check("serviceAccount", spec.serviceAccount, DNS_SUBDOMAIN, "a lower case DNS name");
        for (String secret : spec.imagePullSecrets) {
            check("imagePullSecrets", secret, DNS_SUBDOMAIN, "names of Secrets, lower case DNS names");
        }
        secrets(spec.secrets);
        podSecurity(spec.podSecurity);
        network(spec);
        urls(spec.urls);
    }

    private static void secrets(List<SecretSpec> secrets) {
        Set<String> names = new HashSet<>();
        for (SecretSpec secret : secrets) {
            check("secrets", secret.name, DNS_SUBDOMAIN, "names of Secrets, lower case DNS names");
            if (!names.add(secret.name) || secret.name.startsWith("testkube-agent")) {
                throw wrong("secrets", "the name " + secret.name + " is taken", "Choose another name.");
            }
            if (secret.from != null) {
                check("secrets", secret.from, DNS_LABEL, "namespaces, lower case letters, digits and dashes");
                continue;
            }
            if (!present(secret.credentialsId)) {
                throw wrong("secrets", "credential needs an id", "");
            }
            if (secret.as == null
                    || !Set.of("dockerconfigjson", "opaque", "tls").contains(secret.as)) {
                throw wrong(
                        "secrets",
                        "credential " + secret.credentialsId + " as '" + secret.as + "' will not do",
                        "Use dockerconfigjson, opaque or tls.");
            }
        }
    }

    private static void podSecurity(String level) {
        try {
            if (PodSecurity.of(level).label().equals(level)) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw wrong("podSecurity", "'" + level + "' is not a level", "Use baseline, restricted or privileged.");
    }

    private static void network(EnvironmentSpec spec) {
        if (spec.networkPolicy == null || !NetworkRules.ALL.contains(spec.networkPolicy)) {
            throw wrong(
                    "networkPolicy", "'" + spec.networkPolicy + "' will not do", "Use isolated, namespace or open.");
        }
        if (!spec.egress.isEmpty() && !spec.networkPolicy.equals(NetworkRules.ISOLATED)) {
            throw wrong(
                    "egress",
                    "networkPolicy " + spec.networkPolicy + " lets Pods connect to anywhere",
                    "Set networkPolicy: 'isolated', or leave egress out.");
        }
        for (String rule : spec.egress) {
            try {
                EgressRule.parse(rule);
            } catch (IllegalArgumentException e) {
                throw wrong(
                        "egress",
                        "'" + rule + "': " + e.getMessage(),
                        "Write '10.0.0.0/8:5432', '192.0.2.1/32:53/udp' or '[2001:db8::/32]:443', for instance.");
            }
        }
    }

    private static void urls(Map<String, String> urls) {
        urls.forEach((name, url) -> {
            check("urls", name, URL_NAME, "names of letters, digits, spaces and -_, 40 characters at most");
            if (!URL.matcher(url == null ? "" : url).matches()) {
                throw wrong("urls", "'" + url + "' is not an http or https address", "");
            }
            Matcher place = PLACE.matcher(url);
            while (place.find()) {
                if (!URL_PLACES.contains(place.group(1))) {
                    throw wrong(
                            "urls",
                            "there is nothing to put for " + place.group(),
                            "Use {namespace}, {cluster} or {environment}.");
                }
            }
        });
    }

    /** Prefixes that Kubernetes keeps for itself, that we keep, and that sweepers go by. */
    private static void reserved(String parameter, String key) {
        int slash = key.indexOf('/');
        String domain = slash < 0 ? "" : key.substring(0, slash);
        boolean kubernetes = domain.matches("(.+\\.)?(kubernetes|k8s)\\.io") && !domain.equals("app.kubernetes.io");
        if (kubernetes || domain.equals("ephemeral.jenkins.io") || domain.equals("janitor")) {
            throw wrong(
                    parameter,
                    "'" + key + "' has a reserved prefix",
                    domain.equals("pod-security.kubernetes.io")
                            ? "The parameter podSecurity sets the level."
                            : "Use a prefix of your own.");
        }
    }

    private static void placement(EnvironmentSpec spec) {
        if (present(spec.cluster) && (!spec.clusters.isEmpty() || present(spec.clusterSelector))) {
            throw wrong("cloud", "there is also clouds or cloudSelector", "Write one cloud, or what to choose from.");
        }
        try {
            new LabelRule(spec.clusterSelector);
        } catch (IllegalArgumentException e) {
            throw wrong("cloudSelector", e.getMessage(), "Write 'zone=eu,!spot', for instance.");
        }
    }

    private static void quantities(String parameter, Map<String, String> quantities) {
        quantities.forEach((resource, quantity) -> {
            check(parameter, resource, RESOURCE, "a resource such as pods, requests.cpu or count/jobs.batch");
            BigDecimal amount;
            try {
                amount = Quantity.getAmountInBytes(new Quantity(quantity == null ? "" : quantity.strip()));
            } catch (IllegalArgumentException e) {
                throw wrong(
                        parameter,
                        "'" + quantity + "' of " + resource + " is not a quantity",
                        "Write 20, 500m or 2Gi, for instance.");
            }
            if (amount.signum() < 0) {
                throw wrong(parameter, "'" + quantity + "' of " + resource + " is negative", "");
            }
        });
    }

    private static void labels(Map<String, String> labels) {
        labels.forEach((key, value) -> {
            key("labels", key);
            check("labels", value == null ? "" : value, LABEL_VALUE, "letters, digits and -_., 63 characters at most");
        });
    }

    private static void annotations(Map<String, String> annotations) {
        int characters = 0;
        for (Map.Entry<String, String> each : annotations.entrySet()) {
            key("annotations", each.getKey());
            characters +=
                    each.getKey().length() + String.valueOf(each.getValue()).length();
        }
        if (characters > ANNOTATION_CHARACTERS) {
            throw wrong("annotations", "they are larger than 256 KiB together", "Put less into them.");
        }
    }

    private static void key(String parameter, String key) {
        check(parameter, key, KEY, "a name of letters, digits and -_., after a DNS name and a slash if need be");
        int slash = key.indexOf('/');
        if (slash > 253) {
            throw wrong(parameter, "the part of '" + key + "' before the slash is too long", "");
        }
        reserved(parameter, key);
    }

    private static void check(String parameter, String value, Pattern pattern, String allowed) {
        if (value == null || !pattern.matcher(value).matches()) {
            throw wrong(parameter, "'" + value + "' will not do", "Allowed: " + allowed + '.');
        }
    }

    private static boolean present(String value) {
        return value != null && !value.isEmpty();
    }

    private static UserFault wrong(String parameter, String why, String remedy) {
        return new UserFault("Checking the environment", "parameter " + parameter, why, remedy);
    }
}
