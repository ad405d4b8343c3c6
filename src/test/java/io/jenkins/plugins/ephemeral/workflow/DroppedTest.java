package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.Test;

/** Answers as servers give them: defaults added, values in another form, what means nothing left out. */
public class DroppedTest {
    private static final String ANSWER =
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, uid: "1"}
            spec:
              replicas: 1
              selector: {matchLabels: {app: web}}
              strategy: {type: RollingUpdate}
              template:
                metadata: {labels: {app: web}, creationTimestamp: null}
                spec:
                  containers:
                  - {name: added, image: proxy}
                  - name: web
                    image: shop/web
                    env: [{name: EMPTY}, {name: A, value: b}]
                    resources: {limits: {cpu: 500m}}
                    terminationMessagePath: /dev/termination-log
            """;

    @SuppressWarnings("unchecked")
    private static String find(String spec) {
        return Dropped.find(
                Serialization.unmarshal(
                        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {a: b}}\nspec: "
                                + spec,
                        Map.class),
                Serialization.unmarshal(ANSWER, GenericKubernetesResource.class));
    }

    private static String container(String fields) {
        return find("{template: {spec: {containers: [{name: web, " + fields + "}]}}}");
    }

    @Test
    public void whatMeansNothingMayBeLeftOut() {
        assertThat(find("{replicas: 1, paused: false, minReadySeconds: 0, strategy: {}, template: {spec: {volumes: [],"
                        + " hostNetwork: false, nodeName: \"\", securityContext: null}}}"))
                .isNull();
        assertThat(container("env: [{name: EMPTY, value: \"\"}, {name: A, value: b}]"))
                .isNull();
    }

    @Test
    public void valuesMayHaveAnotherFormAndItemsAnotherPlace() {
        assertThat(container("image: shop/web, resources: {limits: {cpu: 0.5}}"))
                .isNull();
    }

    @Test
    public void whatIsNotThereIsNamedByItsPath() {
        assertThat(find("{replicaz: 2}")).isEqualTo("spec.replicaz");
        assertThat(find("{template: {spec: {containers: [{name: added, image: proxy}, {name: web, imagee: x}]}}}"))
                .isEqualTo("spec.template.spec.containers[1].imagee");
    }
}
