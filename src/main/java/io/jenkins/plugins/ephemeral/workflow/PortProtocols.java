package io.jenkins.plugins.ephemeral.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes out the protocol of ports that name none: it is TCP (Kubernetes 1.31, ServicePort and ContainerPort). It is part
 * of what identifies a port, and server-side apply of servers up to 1.20 does not know that default: they answer 500.
 */
final class PortProtocols {
    private static final String PROTOCOL = "protocol";

    private PortProtocols() {}

    /** A copy of a part of a Service or of something with Pods; what has no such port in it comes back as it is. */
    static Object writtenOut(Object part) {
        if (part instanceof List) {
            List<Object> items = new ArrayList<>();
            ((List<?>) part).forEach(item -> items.add(writtenOut(item)));
            return items;
        }
        if (!(part instanceof Map)) {
            return part;
        }
        Map<Object, Object> fields = new LinkedHashMap<>();
        ((Map<?, ?>) part)
                .forEach((name, value) -> fields.put(
                        name,
                        name.equals("ports") && value instanceof List ? ports((List<?>) value) : writtenOut(value)));
        return fields;
    }

    private static List<Object> ports(List<?> ports) {
        List<Object> written = new ArrayList<>();
        for (Object port : ports) {
            if (port instanceof Map && isPort((Map<?, ?>) port)) {
                Map<Object, Object> fields = new LinkedHashMap<>((Map<?, ?>) port);
                fields.put(PROTOCOL, "TCP");
                written.add(fields);
            } else {
                written.add(port);
            }
        }
        return written;
    }

    private static boolean isPort(Map<?, ?> port) {
        return port.get(PROTOCOL) == null && (port.containsKey("port") || port.containsKey("containerPort"));
    }
}
