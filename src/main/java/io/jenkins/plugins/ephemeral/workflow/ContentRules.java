package io.jenkins.plugins.ephemeral.workflow;

import static io.jenkins.plugins.ephemeral.workflow.YamlDocuments.refuse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What no document of an environment may ask for, at whatever depth it does: to get out of its Pods onto the node, or
 * out of its namespace. The same as the Pod Security level {@code baseline} (Kubernetes 1.31, Pod Security Standards),
 * also where the server does not know these levels and where Testkube makes the Pods.
 */
final class ContentRules {
    private static final Set<String> BASELINE_CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");
    private static final Set<String> HOST = Set.of("hostNetwork", "hostPID", "hostIPC");

    private final YamlDocuments.Document document;
    private final String namespace;
    private final String id;

    private ContentRules(YamlDocuments.Document document, String namespace, String id) {
        this.document = document;
        this.namespace = namespace;
        this.id = id;
    }

    /**
     * Checks a document's spec.
     *
     * @param namespace the environment's
     * @param id {@code Kind/name}, for the message
     */
    static void check(YamlDocuments.Document document, String namespace, String id) {
        Object spec = document.content().get("spec");
        if (spec != null) {
            new ContentRules(document, namespace, id).walk(spec, new ArrayList<>(List.of("spec")));
        }
    }

    private void walk(Object value, List<String> path) {
        if (value instanceof List) {
            List<?> items = (List<?>) value;
            for (int i = 0; i < items.size(); i++) {
                step(items.get(i), path, String.valueOf(i));
            }
        } else if (value instanceof Map) {
            ((Map<?, ?>) value).forEach((key, content) -> {
                String field = (String) key;
                path.add(field);
                look(field, content, path);
                walk(content, path);
                path.remove(path.size() - 1);
            });
        }
    }

    private void step(Object item, List<String> path, String index) {
        path.add(index);
        walk(item, path);
        path.remove(path.size() - 1);
    }

    private void look(String field, Object value, List<String> path) {
        String parent = path.get(path.size() - 2);
        boolean pod = !(value instanceof String);
        if (HOST.contains(field) && Boolean.TRUE.equals(value)) {
            throw refused(path, field + " would put its Pods onto the node's own", "Remove it.");
        }
        if (field.equals("hostPath") && value instanceof Map) {
            throw refused(path, "a hostPath volume would give its Pods the node's files", "Use emptyDir or a claim.");
        }
        if (field.equals("hostPort") && pod && !Integer.valueOf(0).equals(value)) {
            throw refused(path, "hostPort would take a port of the node", "Use a Service.");
        }
        if (parent.equals("securityContext") && field.equals("privileged") && Boolean.TRUE.equals(value)) {
            throw refused(path, "a privileged container is root on the node", "Remove it.");
        }
        if (parent.equals("securityContext") && field.equals("procMount") && !"Default".equals(value)) {
            throw refused(path, "procMount shows the node's processes", "Remove it.");
        }
        if (parent.equals("seccompProfile") && field.equals("type") && "Unconfined".equals(value)) {
            throw refused(path, "seccompProfile Unconfined takes the container's fence away", "Use RuntimeDefault.");
        }
        if (parent.equals("capabilities") && field.equals("add") && value instanceof List) {
            capabilities((List<?>) value, path);
        }
        if (field.equals("externalIPs") && value instanceof List && !((List<?>) value).isEmpty()) {
            throw refused(path, "externalIPs could take over traffic of others in the cluster", "Remove it.");
        }
        if (parent.equals("job") && field.equals("namespace") && !namespace.equals(value)) {
            throw refused(
                    path,
                    "it would run in the namespace " + value + ", and this environment's is " + namespace,
                    "Leave job.namespace out.");
        }
    }

    private void capabilities(List<?> added, List<String> path) {
        for (Object capability : added) {
            if (!BASELINE_CAPABILITIES.contains(String.valueOf(capability))) {
                throw refused(path, "capability " + capability + " is beyond what a container may add", "Remove it.");
            }
        }
    }

    private RuntimeException refused(List<String> path, String why, String remedy) {
        return refuse(document.place(path.toArray(new String[0])), "in " + id + ", " + why, remedy);
    }
}
