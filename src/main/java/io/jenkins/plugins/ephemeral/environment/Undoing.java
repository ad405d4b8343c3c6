package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.time.Duration;
import java.util.Optional;

/** One attempt at what an environment owes outside its namespace. */
final class Undoing {
    private static final Duration USUAL_PAUSE = Duration.ofSeconds(2);
    /** For what a restart with another plugin may change, and nothing else. */
    private static final Duration LONG_PAUSE = Duration.ofMinutes(1);

    private final EnvironmentService service;
    private final EnvironmentRecord record;
    private final Console console;

    Undoing(EnvironmentService service, EnvironmentRecord record, Console console) {
        this.service = service;
        this.record = record;
        this.console = console;
    }

    /**
     * Goes through the obligations, last first: what came later may stand on what came earlier.
     *
     * @param all whether those before one that cannot be undone are attempted as well
     * @return null when nothing is left, else when to come back
     */
    Duration attempt(boolean all) throws InterruptedException {
        Duration back = null;
        for (int i = record.obligations.size() - 1; i >= 0; i--) {
            Obligation obligation = record.obligations.get(i);
            Duration pause = undo(obligation);
            if (pause == null) {
                service.settle(record.name, obligation);
            } else if (!all) {
                return pause;
            } else {
                back = back == null || pause.compareTo(back) < 0 ? pause : back;
            }
        }
        return back;
    }

    private Duration undo(Obligation obligation) throws InterruptedException {
        Optional<Undoer> undoer = service.undoer(obligation.kind);
        if (undoer.isEmpty()) {
            trouble(obligation, "nothing here knows how to undo " + obligation.kind);
            return LONG_PAUSE;
        }
        try {
            Progress<Void> progress = undoer.get().undo(record, obligation, console);
            return progress.isDone() ? null : progress.delay();
        } catch (QueuedFault queued) {
            throw queued;
        } catch (Fault fault) {
            trouble(obligation, fault.getMessage());
            Duration asked = fault instanceof TransientFault ? ((TransientFault) fault).retryAfter() : Duration.ZERO;
            return asked.compareTo(USUAL_PAUSE) > 0 ? asked : USUAL_PAUSE;
        }
    }

    private void trouble(Obligation obligation, String reason) {
        service.registry().change(record.name, changed -> changed.obligations.stream()
                .filter(each -> each.kind.equals(obligation.kind) && each.key.equals(obligation.key))
                .forEach(each -> each.trouble = reason));
    }
}
