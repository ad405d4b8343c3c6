package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

/** Container logs: whole, in part, with times, and while they grow. */
public class LogConformance extends Conformance {
    private PodResource start(String ns, String name, String script) {
        Pod pod = yaml(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: main, image: "busybox:1.35", command: [sh, -c, "%s"]}
                """
                        .formatted(name, script),
                Pod.class);
        client.pods().inNamespace(ns).resource(pod).create();
        return client.pods().inNamespace(ns).withName(name);
    }

    private PodResource finished(String ns, String name, String script) {
        PodResource pod = start(ns, name, script);
        until("ended", () -> List.of("Succeeded", "Failed").contains(phase(ns, name)));
        return pod;
    }

    @Test
    public void tailAndTimestamps() {
        String ns = namespace();
        PodResource pod = finished(ns, "lines", "echo one; echo two; echo three");

        assertThat(pod.getLog()).isEqualTo("one\ntwo\nthree\n");
        assertThat(pod.tailingLines(2).getLog()).isEqualTo("two\nthree\n");
        String[] timed = pod.usingTimestamps().getLog().split("\n");
        assertThat(timed).hasSize(3);
        String time = timed[2].substring(0, timed[2].indexOf(' '));
        assertThat(timed[2]).endsWith(" three");
        assertThat(Instant.parse(time))
                .isBetween(Instant.now().minusSeconds(120), Instant.now().plusSeconds(5));
        assertThat(time).matches(".*\\.[0-9]{1,9}Z");
    }

    @Test
    public void sinceTimeGoesOnFromAWholeSecond() {
        String ns = namespace();
        PodResource pod = finished(ns, "later", "echo first; sleep 2.2; echo second; echo third");
        String[] timed = pod.usingTimestamps().getLog().split("\n");
        String second = timed[1].substring(0, timed[1].indexOf(' '));

        String rest = pod.sinceTime(second).getLog();

        // the second itself comes again, its fraction does not count: whoever goes on must leave out what he has
        assertThat(rest).isEqualTo("second\nthird\n");
    }

    @Test
    public void followEndsWithTheContainer() throws IOException {
        String ns = namespace();
        PodResource pod = start(ns, "grows", "echo one; sleep 1; echo two; sleep 1; echo three");
        until("running", () -> !"Pending".equals(phase(ns, "grows")));
        List<String> lines = new ArrayList<>();

        try (LogWatch watch = pod.watchLog();
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(watch.getOutput(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        }

        assertThat(lines).containsExactly("one", "two", "three");
    }

    @Test
    public void followOfASilentContainerIsAnsweredAtOnce() throws Exception {
        String ns = namespace();
        start(ns, "silent", "sleep 600");
        until("running", () -> "Running".equals(phase(ns, "silent")));
        HttpRequest request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getMasterUrl() + "api/v1/namespaces/" + ns + "/pods/silent/log?follow=true")
                .build();

        HttpResponse<AsyncBody> response = client.getHttpClient()
                .consumeBytes(request, (bytes, body) -> body.consume())
                .get(30, TimeUnit.SECONDS);

        assertThat(response.code()).isEqualTo(200);
        response.body().cancel();
    }

    @Test
    public void logOfAPodThatCannotStartIsABadRequest() {
        String ns = namespace();
        Pod pod = yaml(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: never}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: main, image: "example.invalid/does-not-exist:1"}
                """,
                Pod.class);
        client.pods().inNamespace(ns).resource(pod).create();
        until(
                "waiting",
                () -> !pod(ns, "never").getStatus().getContainerStatuses().isEmpty()
                        && pod(ns, "never")
                                .getStatus()
                                .getContainerStatuses()
                                .get(0)
                                .getState()
                                .getWaiting()
                                .getReason()
                                .contains("Image"));

        KubernetesClientException failure =
                failure(() -> client.raw("/api/v1/namespaces/" + ns + "/pods/never/log", "GET", null));

        assertThat(failure.getCode()).isEqualTo(400);
        assertThat(failure.getStatus().getMessage())
                .startsWith("container \"main\" in pod \"never\" is waiting to start: ");
    }

    @Test
    public void withSeveralContainersOneMustBeNamed() {
        String ns = namespace();
        Pod pod = yaml(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: two}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: a, image: "busybox:1.35", command: [sh, -c, "echo of-a"]}
                  - {name: b, image: "busybox:1.35", command: [sh, -c, "echo of-b"]}
                """,
                Pod.class);
        client.pods().inNamespace(ns).resource(pod).create();
        until("ended", () -> "Succeeded".equals(phase(ns, "two")));

        assertThat(client.pods()
                        .inNamespace(ns)
                        .withName("two")
                        .inContainer("b")
                        .getLog())
                .isEqualTo("of-b\n");
        assertThat(failure(() -> client.raw("/api/v1/namespaces/" + ns + "/pods/two/log", "GET", null))
                        .getStatus()
                        .getMessage())
                .startsWith("a container name must be specified for pod two, choose one of: [a b]");
        assertThat(failure(() -> client.raw("/api/v1/namespaces/" + ns + "/pods/two/log?container=c", "GET", null))
                        .getStatus()
                        .getMessage())
                .isEqualTo("container c is not valid for pod two");
    }
}
