package io.jenkins.plugins.ephemeral.bench.testkube;

/**
 * A workflow that cannot be made into something to run. Testkube does not refuse such a request: it answers with an
 * execution that was aborted at once and says why in the error message of its initialization.
 */
final class SpecificationError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SpecificationError(String header, String detail) {
        super(header + "\n" + detail);
    }
}
