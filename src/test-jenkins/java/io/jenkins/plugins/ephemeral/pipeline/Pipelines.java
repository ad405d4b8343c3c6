package io.jenkins.plugins.ephemeral.pipeline;

/** Parts of the Jenkinsfiles that several tests run. */
final class Pipelines {
    /** Passes, with a report of three cases of which one failed. */
    static final String REPORTING =
            """
            apiVersion: testworkflows.testkube.io/v1
            kind: TestWorkflow
            metadata: {name: reporting}
            spec:
              container: {image: "busybox:1.35", workingDir: /data}
              steps:
              - name: tests
                shell: |
                  echo "testing"
                  echo '<testsuite name="s" tests="3" failures="1"><testcase classname="c" name="a"/><testcase classname="c" name="b"/><testcase classname="c" name="d"><failure message="no"/></testcase></testsuite>' > /data/TEST-s.xml
              - name: keep
                condition: always
                artifacts: {workingDir: /data, paths: ["*.xml"]}
            """;

    /** Fails. */
    static final String FAILING =
            """
            apiVersion: testworkflows.testkube.io/v1
            kind: TestWorkflow
            metadata: {name: failing}
            spec:
              container: {image: "busybox:1.35"}
              steps:
              - name: refuse
                shell: echo "not today"; exit 4
            """;

    private Pipelines() {}

    /** Runs until a file is there. */
    static String waiting(String gate) {
        return """
                apiVersion: testworkflows.testkube.io/v1
                kind: TestWorkflow
                metadata: {name: waiting}
                spec:
                  container: {image: "busybox:1.35"}
                  steps:
                  - name: wait
                    shell: echo "waiting for the gate"; while [ ! -e %s ]; do sleep 0.2; done; echo "the gate is open"
                """
                .formatted(gate);
    }

    /** A scripted Pipeline with an environment around its body. */
    static String inEnvironment(String body) {
        return "ephemeralEnvironment(namePrefix: 'shop') {\n" + body + "\n}\n";
    }

    /** A step that applies manifests. */
    static String apply(String manifests) {
        return "ephemeralApply manifests: '''" + manifests.replace("\\", "\\\\").replace("'''", "\\'''") + "'''\n";
    }

    /** A step that runs a shell script as a stage Job. */
    static String job(String name, String parameters, String script) {
        return "ephemeralJob(name: '" + name + "', image: 'busybox:1.35', command: ['sh', '-c', '''" + script + "''']"
                + (parameters.isEmpty() ? "" : ", " + parameters) + ")";
    }
}
