package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes definitions to the control plane, where all builds share them. */
final class ControlPlaneWriter {
    private final TestkubeClient client;

    ControlPlaneWriter(TestkubeClient client) {
        this.client = client;
    }

    /** Creates or replaces. */
    void apply(Manifest manifest) throws InterruptedException {
        try {
            client.upsert(kind(manifest.kind()), manifest.name(), shared(manifest));
        } catch (UserFault refused) {
            String where = refused.where() + ", from " + manifest.place();
            throw new UserFault(refused.what(), where, refused.why(), refused.remedy(), refused);
        }
    }

    /** As the control plane keeps it: it is there for all builds, so it carries nothing of this environment. */
    private static String shared(Manifest manifest) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("name", manifest.name());
        for (String field : List.of("labels", "annotations")) {
            Map<String, String> values = manifest.strings(field);
            if (!values.isEmpty()) {
                meta.put(field, values);
            }
        }
        Map<String, Object> document = new LinkedHashMap<>(manifest.content());
        document.remove("status");
        document.put("metadata", meta);
        return Serialization.asJson(document);
    }

    private static TestkubeResourceKind kind(String kind) {
        return kind.equals(ManifestLoader.TEMPLATE) ? TestkubeResourceKind.TEMPLATE : TestkubeResourceKind.WORKFLOW;
    }
}
