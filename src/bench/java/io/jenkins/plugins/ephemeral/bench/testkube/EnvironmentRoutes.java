package io.jenkins.plugins.ephemeral.bench.testkube;

/**
 * Operations of the agent API: as the control plane forwards them, below one Environment of one organization; and as a
 * standalone agent offers them itself, without any authentication.
 */
final class EnvironmentRoutes {
    /** Beginning of the paths of an agent's own API. */
    static final String STANDALONE = "/v1";

    private static final String PREFIX = "/organizations/{organizationId}/environments/{environmentId}/agent";

    private final Routes routes;
    private final ControlPlaneSettings settings;

    EnvironmentRoutes(Routes routes, ControlPlaneSettings settings) {
        this.routes = routes;
        this.settings = settings;
    }

    EnvironmentRoutes add(String method, String template, Routes.Operation operation) {
        routes.add(method, PREFIX + template, call -> {
            OrganizationOperations.requireOrganization(settings, call);
            String environment = call.parameter("environmentId");
            if (!settings.environmentId.equals(environment)) {
                throw Problem.notFound("environment '" + environment + "' not found");
            }
            return operation.answer(call);
        });
        routes.add(method, STANDALONE + template, operation);
        return this;
    }
}
