package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tells a program that could not be executed from one that ran. What Linux refuses when the container's first process
 * is replaced by the program ("argument list too long") has no reason of its own in the Pod: runc's own process ends,
 * with exit code 1 or 255, at once, and its sentence is all that there is of a log. Source: a Pod of Kubernetes 1.20 with
 * containerd (src/test/resources/executor/argument-too-long); runc, init.go and standard_init_linux.go.
 */
final class ContainerStart {
    private static final List<Integer> EXIT_CODES = List.of(1, 255);
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    private static final Pattern REFUSED = Pattern.compile(
            "(standard_init_linux\\.go:\\d+: )?exec (/\\S+|user process caused( \"exec)?): argument list too long\"?");

    private ContainerStart() {}

    /** Whether nothing of the program ran, since its arguments and variables are longer than Linux takes. */
    static boolean hadTooLongArguments(ContainerStateTerminated end) {
        String message = end.getMessage() == null ? "" : end.getMessage().strip();
        return EXIT_CODES.contains(end.getExitCode())
                && isAtOnce(end)
                && REFUSED.matcher(message).matches();
    }

    private static boolean isAtOnce(ContainerStateTerminated end) {
        if (end.getStartedAt() == null || end.getFinishedAt() == null) {
            return false;
        }
        try {
            Duration ran = Duration.between(
                    OffsetDateTime.parse(end.getStartedAt()), OffsetDateTime.parse(end.getFinishedAt()));
            return ran.compareTo(AT_ONCE) <= 0;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
