package io.jenkins.plugins.ephemeral.contract;

import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import java.util.Set;

/**
 * The operations of Testkube's API that the plugin uses, all of them: {@link TestkubeOperationsTest} calls each, and no
 * test that holds its exchanges against the OpenAPI documents may see the plugin call another one.
 */
final class Operations {
    private static final String ORGANIZATION = "/organizations/{}";
    private static final String ENVIRONMENT = ORGANIZATION + "/environments/{}";
    private static final String AGENT = ENVIRONMENT + "/agent";
    private static final String RUN = AGENT + "/test-workflow-executions/{}";

    static final Set<String> USED = Set.of(
            "GET " + ORGANIZATION + "/agents",
            "POST " + ORGANIZATION + "/agents",
            "GET " + ORGANIZATION + "/agents/{}",
            "DELETE " + ORGANIZATION + "/agents/{}",
            "GET " + ORGANIZATION + "/agents/{}/secret-key",
            "GET " + ENVIRONMENT,
            "GET " + ENVIRONMENT + "/test-workflow-executions/{}/artifacts/{}",
            "GET " + ENVIRONMENT + "/test-workflow-executions/{}/logs",
            "GET " + AGENT + "/test-workflows",
            "POST " + AGENT + "/test-workflows",
            "GET " + AGENT + "/test-workflows/{}",
            "PUT " + AGENT + "/test-workflows/{}",
            "DELETE " + AGENT + "/test-workflows/{}",
            "GET " + AGENT + "/test-workflows/{}/executions",
            "POST " + AGENT + "/test-workflows/{}/executions",
            "GET " + AGENT + "/test-workflow-templates",
            "POST " + AGENT + "/test-workflow-templates",
            "GET " + AGENT + "/test-workflow-templates/{}",
            "PUT " + AGENT + "/test-workflow-templates/{}",
            "DELETE " + AGENT + "/test-workflow-templates/{}",
            "POST " + AGENT + "/triggers",
            "GET " + AGENT + "/triggers/{}",
            "PATCH " + AGENT + "/triggers/{}",
            "DELETE " + AGENT + "/triggers/{}",
            "GET " + AGENT + "/test-workflow-executions",
            "GET " + RUN,
            "POST " + RUN + "/abort",
            "GET " + RUN + "/logs",
            "GET " + RUN + "/notifications",
            "GET " + RUN + "/artifacts",
            "GET " + RUN + "/artifacts/{}");

    private Operations() {}

    /** Method and path with {@code {}} for names and ids. */
    static String of(Exchange exchange) {
        String path = exchange.path()
                .replaceFirst("^/organizations/[^/]+", "/organizations/{}")
                .replaceFirst("/environments/[^/]+", "/environments/{}")
                .replaceFirst("/agents/[^/]+", "/agents/{}")
                .replaceFirst("/(test-workflows|test-workflow-templates|triggers)/[^/]+", "/$1/{}")
                .replaceFirst("/test-workflow-executions/[^/]+", "/test-workflow-executions/{}")
                .replaceFirst("/artifacts/[^/]+$", "/artifacts/{}");
        return exchange.method() + ' ' + path;
    }

    /** Whether the plugin's own client sent it. */
    static boolean isOurs(Exchange exchange) {
        return "ephemeral-environments".equals(exchange.requestHeaders().get("user-agent"));
    }
}
