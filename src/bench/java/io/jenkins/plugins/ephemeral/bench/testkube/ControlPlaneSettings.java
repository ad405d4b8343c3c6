package io.jenkins.plugins.ephemeral.bench.testkube;

import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** What the builder of {@link EmbeddedControlPlane} collects. */
final class ControlPlaneSettings {
    String organizationId = "tkcorg_0123456789abcdef";
    String environmentId = "tkcenv_0123456789abcdef";
    String environmentName = "ephemeral";
    String apiToken = "tkcapi_0123456789abcdef0123456789abcdef";
    Clock clock = Clock.systemUTC();
    int licences = Integer.MAX_VALUE;
    int licenceErrorStatus = 403;
    int duplicateNameStatus = 400;
    boolean reports = true;
    boolean presignedUrls = true;
    String abortedStatus = "aborted";
    Duration heartbeat = Duration.ofSeconds(20);
    final Set<String> unpullableImages = new HashSet<>();
}
