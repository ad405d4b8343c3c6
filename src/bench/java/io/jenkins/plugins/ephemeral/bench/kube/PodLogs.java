package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The {@code pods/log} subresource. */
final class PodLogs {
    private static final DateTimeFormatter NANOSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final Kubelet kubelet;
    private final Resources resources;

    PodLogs(Kubelet kubelet, Resources resources) {
        this.kubelet = kubelet;
        this.resources = resources;
    }

    /**
     * Writes a log.
     *
     * @param text gets pieces of the log, perhaps on other threads, until {@code end}
     * @param end called once after the last piece; with {@code follow}, when the container has ended
     */
    void write(ResourceType pods, ApiRequest request, Consumer<String> text, Runnable end) {
        ObjectNode pod = resources.get(pods, request.namespace(), request.name());
        ContainerLog log = log(pod, request);
        Instant since = since(request);
        boolean times = request.isSet("timestamps");
        Consumer<List<ContainerLog.Line>> sofar = lines -> {
            Stream<ContainerLog.Line> wanted =
                    lines.stream().filter(l -> !l.time().isBefore(since));
            List<ContainerLog.Line> tail = tail(wanted.toList(), request.query("tailLines"));
            text.accept(limited(tail, times, request.query("limitBytes")));
        };
        if (request.isSet("follow")) {
            log.follow(sofar, line -> text.accept(show(line, times)), end);
        } else {
            sofar.accept(log.lines());
            end.run();
        }
    }

    private static Instant since(ApiRequest request) {
        if (!request.query("sinceTime").isEmpty()) {
            // the API server hands the node whole seconds: lines of the same second come again
            return Instant.parse(request.query("sinceTime")).truncatedTo(ChronoUnit.SECONDS);
        }
        String seconds = request.query("sinceSeconds");
        return seconds.isEmpty() ? Instant.EPOCH : Instant.now().minusSeconds(Long.parseLong(seconds));
    }

    private static List<ContainerLog.Line> tail(List<ContainerLog.Line> lines, String count) {
        return count.isEmpty()
                ? lines
                : lines.subList(Math.max(0, lines.size() - Integer.parseInt(count)), lines.size());
    }

    private static String limited(List<ContainerLog.Line> lines, boolean times, String bytes) {
        StringBuilder all = new StringBuilder();
        lines.forEach(l -> all.append(show(l, times)));
        return bytes.isEmpty() ? all.toString() : all.substring(0, Math.min(all.length(), Integer.parseInt(bytes)));
    }

    private static String show(ContainerLog.Line line, boolean times) {
        return (times ? NANOSECONDS.format(line.time()) + " " : "") + line.text() + "\n";
    }

    private ContainerLog log(ObjectNode pod, ApiRequest request) {
        String name = Json.name(pod);
        List<String> main = names(pod, "/spec/containers");
        String container = request.query("container");
        if (container.isEmpty()) {
            if (main.size() > 1) {
                throw ApiError.badRequest("a container name must be specified for pod " + name + ", choose one of: ["
                        + String.join(" ", main) + "]");
            }
            container = main.get(0);
        }
        if (!main.contains(container) && !names(pod, "/spec/initContainers").contains(container)) {
            throw ApiError.badRequest("container " + container + " is not valid for pod " + name);
        }
        String wanted = container;
        ContainerRun run = kubelet.run(Json.uid(pod))
                .flatMap(r -> r.container(wanted))
                .orElseThrow(() -> ApiError.badRequest("pod " + name + " does not have a host assigned"));
        boolean previous = request.isSet("previous");
        return run.log(previous)
                .orElseThrow(() -> previous
                        ? ApiError.badRequest(
                                "previous terminated container \"" + wanted + "\" in pod \"" + name + "\" not found")
                        : ApiError.badRequest("container \"" + wanted + "\" in pod \"" + name
                                + "\" is waiting to start: " + waiting(run.waitingReason())));
    }

    private static String waiting(String reason) {
        return switch (reason) {
            case "ErrImagePull", "ImagePullBackOff" -> "trying and failing to pull image";
            default -> reason;
        };
    }

    private static List<String> names(ObjectNode pod, String pointer) {
        return Stream.of(pod.at(pointer))
                .flatMap(list -> java.util.stream.StreamSupport.stream(list.spliterator(), false))
                .map(c -> Json.text(c, "/name"))
                .toList();
    }
}
