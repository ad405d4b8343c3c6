package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.Test;

/** What an environment of somebody whom nobody knows does not get. */
public class RestrictionTest {
    private final EnvironmentSpec asked = new EnvironmentSpec();

    @Test
    public void whatCouldBeStolenOrReachedIsTakenAway() {
        SecretSpec secret = new SecretSpec();
        secret.name = "registry";
        secret.from = "shared";
        asked.secrets.add(secret);
        asked.kubeconfig = true;
        asked.podSecurity = "privileged";
        asked.quota.put("pods", "7");
        Restriction restriction = new Restriction(asked);
        assertThat(restriction.spec().secrets).isEmpty();
        assertThat(restriction.spec().kubeconfig).isFalse();
        assertThat(restriction.spec().untrusted).isTrue();
        assertThat(restriction.spec().networkPolicy).isEqualTo("isolated");
        assertThat(restriction.spec().podSecurity).isEqualTo("baseline");
        assertThat(restriction.spec().quota).containsEntry("pods", "7");
        SpecValidation.check(restriction.spec());
        assertThat(restriction.withheld())
                .containsExactly(
                        "without Secrets registry",
                        "without kubeconfig",
                        "networkPolicy isolated instead of namespace",
                        "podSecurity baseline instead of privileged");
        assertThat(asked.secrets).as("what was asked for stays as it is").hasSize(1);
        assertThat(asked.untrusted).isFalse();
    }

    @Test
    public void whatIsNarrowerStays() {
        asked.networkPolicy = "isolated";
        asked.egress.addAll(List.of("10.0.0.0/8:5432"));
        asked.podSecurity = "restricted";
        Restriction restriction = new Restriction(asked);
        assertThat(restriction.withheld()).isEmpty();
        assertThat(restriction.spec().egress).containsExactly("10.0.0.0/8:5432");
        assertThat(restriction.spec().podSecurity).isEqualTo("restricted");
    }

    @Test
    public void whatIsTrustedHashesAsBefore() {
        assertThat(Registry.json(asked)).doesNotContain("untrusted");
        assertThat(Registry.json(new Restriction(asked).spec())).contains("untrusted");
    }
}
