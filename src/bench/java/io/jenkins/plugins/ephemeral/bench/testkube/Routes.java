package io.jenkins.plugins.ephemeral.bench.testkube;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the operation for a request by method and path template, such as {@code /organizations/{id}/agents}. */
final class Routes {
    /** One operation. */
    interface Operation {
        /** @throws Problem for an error answer */
        Answer answer(Call call);
    }

    private record Route(String method, String[] segments, Operation operation) {}

    private final List<Route> routes = new ArrayList<>();

    Routes add(String method, String template, Operation operation) {
        routes.add(new Route(method, template.split("/"), operation));
        return this;
    }

    /** @throws Problem 404 for a path that is unknown, 405 for a method that its path does not have */
    Answer answer(Call call) {
        // an encoded slash must stay inside its segment, so the path is split before anything is decoded
        String[] path = call.rawPath().split("/");
        boolean knownPath = false;
        for (Route route : routes) {
            Map<String, String> parameters = match(route.segments(), path);
            if (parameters != null) {
                knownPath = true;
                if (route.method().equals(call.method())) {
                    call.matched(parameters);
                    return route.operation().answer(call);
                }
            }
        }
        throw knownPath
                ? new Problem(405, "Method Not Allowed", call.method() + " is not known here", null)
                : Problem.notFound("no such path: " + call.rawPath());
    }

    private static Map<String, String> match(String[] template, String[] path) {
        if (template.length != path.length) {
            return null;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < template.length; i++) {
            if (template[i].startsWith("{")) {
                parameters.put(template[i].substring(1, template[i].length() - 1), path[i]);
            } else if (!template[i].equals(path[i])) {
                return null;
            }
        }
        return parameters;
    }
}
