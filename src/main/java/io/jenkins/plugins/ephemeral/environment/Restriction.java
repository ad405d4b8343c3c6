package io.jenkins.plugins.ephemeral.environment;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is taken from an environment whose build runs somebody's code that nobody has looked at, such as a pull request
 * from a fork: no Secrets, no kubeconfig, no way out of the namespace but for what {@code egress} lists, no privileged
 * Pods.
 */
public final class Restriction {
    private static final String PRIVILEGED = "privileged";
    private static final String BASELINE = "baseline";

    private final EnvironmentSpec spec;
    private final List<String> withheld = new ArrayList<>();

    /** @param asked what the build asks for; not changed */
    public Restriction(EnvironmentSpec asked) {
        spec = Registry.copy(asked);
        spec.untrusted = true;
        if (!spec.secrets.isEmpty()) {
            withheld.add("without Secrets "
                    + spec.secrets.stream().map(each -> each.name).collect(Collectors.joining(", ")));
            spec.secrets.clear();
        }
        if (spec.kubeconfig) {
            withheld.add("without kubeconfig");
            spec.kubeconfig = false;
        }
        if (!NetworkRules.ISOLATED.equals(spec.networkPolicy)) {
            withheld.add("networkPolicy " + NetworkRules.ISOLATED + " instead of " + spec.networkPolicy);
            spec.networkPolicy = NetworkRules.ISOLATED;
        }
        if (PRIVILEGED.equals(spec.podSecurity)) {
            withheld.add("podSecurity " + BASELINE + " instead of " + PRIVILEGED);
            spec.podSecurity = BASELINE;
        }
    }

    /** What the build gets. */
    public EnvironmentSpec spec() {
        return spec;
    }

    /** What it does not get of what it asked for, in words; empty if it asked for no more. */
    public List<String> withheld() {
        return List.copyOf(withheld);
    }
}
