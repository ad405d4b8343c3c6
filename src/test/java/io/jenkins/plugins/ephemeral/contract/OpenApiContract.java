package io.jenkins.plugins.ephemeral.contract;

import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.rules.TestRule;
import org.junit.runner.Description;
import org.junit.runners.model.Statement;

/**
 * Holds everything that an {@link EmbeddedControlPlane} was asked and answered during a test against Testkube's OpenAPI
 * documents, when the test itself has passed:
 *
 * <pre>{@code
 * @Rule
 * public final OpenApiContract contract = new OpenApiContract(() -> this.controlPlane);
 * }</pre>
 *
 * <p>Operations on agents and Environments are held against {@code control-plane.yaml}, those of the agent API against
 * that and, without their prefix, against {@code agent.yaml}. Where Testkube deviates from the documents is said by
 * {@link Amendment}. Not held is a request that was answered with an error that blames it, and the body of a stream.
 */
public final class OpenApiContract implements TestRule {
    private static final Pattern AGENT_OPERATION =
            Pattern.compile("/organizations/[^/]+/environments/[^/]+/agent(/.*)");

    /** Parsed once: that takes seconds. */
    private static final class Documents {
        static final OpenApiDocument CONTROL_PLANE =
                new OpenApiDocument("control-plane.yaml", EnumSet.allOf(Amendment.class));
        static final OpenApiDocument AGENT = new OpenApiDocument("agent.yaml", EnumSet.allOf(Amendment.class));
    }

    private final Supplier<EmbeddedControlPlane> controlPlane;

    /** @param controlPlane asked at the end of the test; one that has been closed is fine */
    public OpenApiContract(Supplier<EmbeddedControlPlane> controlPlane) {
        this.controlPlane = controlPlane;
    }

    @Override
    public Statement apply(Statement test, Description description) {
        return new Statement() {
            @Override
            public void evaluate() throws Throwable {
                test.evaluate();
                check(controlPlane.get().exchanges());
            }
        };
    }

    /**
     * Checks exchanges.
     *
     * @throws AssertionError that lists every violation with its request
     */
    public static void check(List<Exchange> exchanges) {
        List<String> all = new ArrayList<>();
        for (Exchange exchange : exchanges) {
            for (String violation : violations(exchange)) {
                all.add(exchange + "\n  " + violation);
            }
        }
        if (!all.isEmpty()) {
            throw new AssertionError("not as Testkube's OpenAPI documents say:\n" + String.join("\n", all));
        }
    }

    /** What is wrong with one exchange; empty if nothing is. */
    public static List<String> violations(Exchange exchange) {
        if (exchange.path().startsWith("/storage/")) {
            // behind a presigned URL there is an object storage, which is no part of the API
            return List.of();
        }
        List<String> violations = new ArrayList<>();
        if (Operations.isOurs(exchange) && !Operations.USED.contains(Operations.of(exchange))) {
            violations.add(Operations.of(exchange) + " is not in the list of the operations that have a contract test");
        }
        violations.addAll(Documents.CONTROL_PLANE.violations(exchange, exchange.path()));
        Matcher agentOperation = AGENT_OPERATION.matcher(exchange.path());
        if (agentOperation.matches()) {
            violations.addAll(Documents.AGENT.violations(exchange, agentOperation.group(1)));
        }
        return violations;
    }
}
