package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

/** Watches: what they report, from when on, and how they end. */
@SuppressWarnings("try")
public class WatchConformance extends Conformance {
    private static final class Events implements Watcher<ConfigMap> {
        private final List<String> seen = new CopyOnWriteArrayList<>();
        private volatile WatcherException end;

        @Override
        public void eventReceived(Action action, ConfigMap map) {
            seen.add(action + " " + map.getMetadata().getName());
        }

        @Override
        public void onClose(WatcherException cause) {
            end = cause;
        }
    }

    @Test
    public void seesWhatHappensFromItsRevisionOn() {
        String ns = emptyNamespace();
        ConfigMap before = client.resource(configMap(ns, "before", Map.of())).create();
        ConfigMap map = client.resource(configMap(ns, "seen", Map.of())).create();
        client.resource(new ConfigMapBuilder(map).addToData("a", "1").build()).update();
        client.configMaps().inNamespace(ns).withName("seen").delete();
        Events events = new Events();

        try (Watch open = client.configMaps()
                .inNamespace(ns)
                .watch(
                        new ListOptionsBuilder()
                                .withResourceVersion(before.getMetadata().getResourceVersion())
                                .build(),
                        events)) {
            until(
                    "three events",
                    () -> events.seen.containsAll(List.of("ADDED seen", "MODIFIED seen", "DELETED seen")));
        }

        assertThat(events.seen)
                .filteredOn(e -> !e.contains("kube-root-ca"))
                .containsExactly("ADDED seen", "MODIFIED seen", "DELETED seen");
    }

    @Test
    public void withoutARevisionBeginsWithWhatIsThere() {
        String ns = emptyNamespace();
        client.resource(configMap(ns, "there", Map.of())).create();
        Events events = new Events();

        try (Watch open = client.configMaps().inNamespace(ns).watch(events)) {
            until("added", () -> events.seen.contains("ADDED there"));
            client.resource(configMap(ns, "later", Map.of())).create();
            until("added", () -> events.seen.contains("ADDED later"));
        }
    }

    @Test
    public void objectThatLeavesTheSelectionIsReportedAsDeleted() {
        String ns = emptyNamespace();
        Events events = new Events();
        try (Watch watch =
                client.configMaps().inNamespace(ns).withLabel("in", "yes").watch(events)) {
            ConfigMap map = configMap(ns, "labelled", Map.of());
            map.getMetadata().setLabels(Map.of("in", "yes"));
            ConfigMap made = client.resource(map).create();
            client.resource(configMap(ns, "other", Map.of())).create();
            until("added", () -> events.seen.contains("ADDED labelled"));

            client.resource(new ConfigMapBuilder(made)
                            .editMetadata()
                            .withLabels(Map.of("in", "no"))
                            .endMetadata()
                            .build())
                    .update();

            until("deleted", () -> events.seen.contains("DELETED labelled"));
        }
        assertThat(events.seen).noneMatch(e -> e.contains("other"));
    }

    @Test
    public void acrossNamespacesByLabel() {
        String one = emptyNamespace();
        String two = emptyNamespace();
        String label = unique("watch");
        Events events = new Events();
        try (Watch watch =
                client.configMaps().inAnyNamespace().withLabel("who", label).watch(events)) {
            for (String ns : List.of(one, two)) {
                ConfigMap map = configMap(ns, "in-" + ns, Map.of());
                map.getMetadata().setLabels(Map.of("who", label));
                client.resource(map).create();
            }

            until("both", () -> events.seen.containsAll(List.of("ADDED in-" + one, "ADDED in-" + two)));
        }
    }

    @Test
    public void forgottenRevisionEndsTheWatchAsGone() {
        String ns = emptyNamespace();
        ConformanceSuite.subject().forgetHistory();
        Events events = new Events();

        try (Watch open = client.configMaps()
                .inNamespace(ns)
                .watch(new ListOptionsBuilder().withResourceVersion("1").build(), events)) {
            until("closed", () -> events.end != null);
        }

        assertThat(events.end.isHttpGone()).isTrue();
    }

    @Test
    public void timeoutEndsTheWatch() {
        String ns = emptyNamespace();
        Events events = new Events();

        try (Watch open = client.configMaps()
                .inNamespace(ns)
                .watch(new ListOptionsBuilder().withTimeoutSeconds(1L).build(), events)) {
            client.resource(configMap(ns, "first", Map.of())).create();
            until("added", () -> events.seen.contains("ADDED first"));
            // the client's watch opens itself again, and goes on from where it was
            until("reopened", () -> {
                String name = unique("again");
                client.resource(configMap(ns, name, Map.of())).create();
                until("added", () -> events.seen.contains("ADDED " + name));
                return events.seen.size() > 5;
            });
        }

        assertThat(events.seen).doesNotHaveDuplicates();
    }

    /** As our own are opened: not as a web socket but as a request whose answer goes on. */
    @Test
    public void plainWatchAnswersBeforeAnythingHappensAndEndsWhenItsTimeIsOver() throws Exception {
        String ns = emptyNamespace();
        StringBuffer text = new StringBuffer();
        var answer = client.getHttpClient()
                .consumeBytes(
                        client.getHttpClient()
                                .newHttpRequestBuilder()
                                .uri(URI.create(client.getMasterUrl() + "api/v1/namespaces/" + ns
                                        + "/configmaps?watch=true&timeoutSeconds=2&labelSelector=in%3Dyes"))
                                .forStreaming()
                                .build(),
                        (bytes, body) -> {
                            bytes.forEach(each -> text.append(StandardCharsets.UTF_8.decode(each)));
                            body.consume();
                        })
                .get(1_500, TimeUnit.MILLISECONDS);
        assertThat(answer.code()).isEqualTo(200);
        answer.body().consume();
        ConfigMap map = configMap(ns, "selected", Map.of());
        map.getMetadata().setLabels(Map.of("in", "yes"));
        client.resource(map).create();

        answer.body().done().get(20, TimeUnit.SECONDS);

        assertThat(text.toString().lines())
                .hasSize(1)
                .allMatch(line -> line.startsWith("{\"type\":\"ADDED\",\"object\":"));
    }
}
