package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Calls that a reconciler makes at once. The turn that begins them does not wait for them: each wakes the drive when it
 * is through, and the next turn sees what became of it. What failed or was not there yet is called again.
 */
final class Fork {
    private final Driver driver;
    private final List<Prong> prongs = new ArrayList<>();

    Fork(Driver driver) {
        this.driver = driver;
    }

    /** @param call says whether it is through; called again if not */
    void add(BooleanSupplier call) {
        prongs.add(new Prong(call));
    }

    /**
     * Begins what is neither running nor through.
     *
     * @return whether all are through
     * @throws RuntimeException what a call failed with; it is begun again by the next turn
     */
    boolean advance() {
        Throwable failure = null;
        for (Prong prong : prongs) {
            Throwable one = prong.takeFailure();
            failure = failure == null ? one : failure;
        }
        if (failure instanceof Error) {
            throw (Error) failure;
        }
        if (failure != null) {
            throw (RuntimeException) failure;
        }
        Runnable wake = Turn.waker();
        boolean through = true;
        for (Prong prong : prongs) {
            if (!prong.isThrough()) {
                through = false;
                prong.begin(driver, wake);
            }
        }
        return through;
    }

    /** Whether any call is under way. */
    boolean isRunning() {
        return prongs.stream().anyMatch(Prong::isRunning);
    }

    private static final class Prong {
        private final BooleanSupplier call;
        private boolean running;
        private boolean asked;
        private boolean through;
        private Throwable failure;

        Prong(BooleanSupplier call) {
            this.call = call;
        }

        synchronized Throwable takeFailure() {
            Throwable taken = failure;
            failure = null;
            return taken;
        }

        synchronized boolean isThrough() {
            return through;
        }

        synchronized boolean isRunning() {
            return running;
        }

        void begin(Driver driver, Runnable wake) {
            synchronized (this) {
                if (running || asked) {
                    // its answer was no: asked again by the next turn, not by the one that it woke
                    asked = false;
                    return;
                }
                running = true;
            }
            driver.executor().execute(Turn.carry(() -> {
                run();
                wake.run();
            }));
        }

        private void run() {
            boolean answer = false;
            Throwable thrown = null;
            try {
                answer = call.getAsBoolean();
            } catch (RuntimeException | Error e) {
                thrown = e;
            }
            synchronized (this) {
                running = false;
                asked = thrown == null && !answer;
                through = answer;
                failure = thrown;
            }
        }
    }
}
