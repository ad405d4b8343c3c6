package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Secret;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The Secrets of an environment: read where they come from, then applied. Read anew by each build that takes the
 * environment in use, so that a changed value arrives; applying one that did not change changes nothing.
 */
final class SecretParts {
    private final EnvironmentRecord record;
    private final Map<String, SecretContent> contents = new ConcurrentHashMap<>();
    private final Fork reading;
    private final Fork applying;

    SecretParts(EnvironmentService service, Cluster cluster, EnvironmentRecord record, RunRef run) {
        this.record = record;
        reading = new Fork(service.driver());
        applying = new Fork(service.driver());
        demandOpen(service, record.spec);
        for (SecretSpec spec : record.spec.secrets) {
            reading.add(() -> {
                contents.put(
                        spec.name,
                        spec.from == null ? service.secretSources().credential(run, spec) : copy(cluster, spec));
                return true;
            });
            applying.add(() -> cluster.apply(Parts.secret(record, spec.name, contents.get(spec.name))) != null);
        }
    }

    /** @throws UserFault for the first Secret that may not be copied */
    static void demandOpen(EnvironmentService service, EnvironmentSpec spec) {
        for (SecretSpec secret : spec.secrets) {
            if (secret.from != null && !service.secretSources().isOpen(secret.from)) {
                throw new UserFault(
                        "Checking the environment",
                        "parameter secrets",
                        "Secrets may not be copied from namespace " + secret.from,
                        "An administrator lists the namespaces that they may be copied from in the global"
                                + " configuration.");
            }
        }
    }

    /** Reads; calls that are begun wake the turn. Whether all are read. */
    boolean read() {
        return reading.advance();
    }

    /** Applies what was read; calls that are begun wake the turn. Whether all are applied. */
    boolean apply() {
        return applying.advance();
    }

    /** Names of those that images are pulled with, once they are read. */
    List<String> forPulling() {
        List<String> names = new ArrayList<>();
        for (SecretSpec spec : record.spec.secrets) {
            if (contents.get(spec.name).isForPulling()) {
                names.add(spec.name);
            }
        }
        return names;
    }

    /** What was done, for the console; names only. */
    String summary() {
        return record.spec.secrets.stream().map(spec -> spec.name).collect(Collectors.joining(", "));
    }

    private static SecretContent copy(Cluster cluster, SecretSpec spec) {
        Secret found = cluster.get(Secret.class, spec.from, spec.name)
                .orElseThrow(() -> new UserFault(
                        "copying Secret",
                        cluster.name() + '/' + spec.from + '/' + spec.name,
                        "there is none of that name",
                        "Make it, or name another one in the parameter secrets."));
        if ("kubernetes.io/service-account-token".equals(found.getType())) {
            throw new UserFault(
                    "copying Secret",
                    cluster.name() + '/' + spec.from + '/' + spec.name,
                    "it is the token of a service account there, and of no use elsewhere",
                    "");
        }
        return new SecretContent(found.getType(), found.getData());
    }
}
