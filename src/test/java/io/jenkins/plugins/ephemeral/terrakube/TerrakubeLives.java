package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One life of Jenkins after the other that drives one stage; what is on disk is what was saved at a checkpoint. */
final class TerrakubeLives {
    static final RunRef RUN = new RunRef("c0ffee", "shop/web/PR-41", 7, "https://ci.example.com/job/7/");

    final List<String> console = new CopyOnWriteArrayList<>();
    private final TerrakubeConnection connection;
    private final Clusters clusters;
    private final HttpClient http = TestkubeClients.newHttpClient();
    private final Report report = new Report();
    private final ReportStore store = new ReportStore() {
        @Override
        public synchronized void update(Consumer<Report> change) {
            change.accept(report);
        }

        @Override
        public synchronized Report read() {
            return report;
        }
    };
    private Clock clock = Clock.systemUTC();

    TerrakubeLives(TerrakubeConnection connection) {
        this(connection, new Clusters() {
            @Override
            public Cluster cluster(String name) {
                throw new AssertionError("no cluster is configured");
            }

            @Override
            public List<String> names() {
                return List.of();
            }
        });
    }

    TerrakubeLives(TerrakubeConnection connection, Clusters clusters) {
        this.connection = connection;
        this.clusters = clusters;
    }

    /** Time passes between two lives. */
    void later(Duration by) {
        clock = Clock.offset(clock, by);
    }

    private TerrakubeJobService service(Outside outside) {
        return new TerrakubeJobService(new TerrakubeClients(() -> List.of(connection), http, outside), clusters, clock);
    }

    TerrakubeState begin(TerrakubeSpec spec) {
        return service(new Outside()).begin(spec, RUN, "12");
    }

    TerrakubeState continued(TerrakubeResult waiting) {
        return service(new Outside()).continued(waiting.job());
    }

    /** A life that may be killed; what it came to, or null if it was, and what it left on disk. */
    TerrakubeResult live(TerrakubeSpec spec, byte[][] disk, Outside.Cut cut) throws Exception {
        TerrakubeState state = read(disk[0]);
        return drive(service(new Outside(cut)).run(spec, state, () -> disk[0] = bytes(state), console::add, store));
    }

    /** Cancels what is on disk. */
    void cancel(TerrakubeSpec spec, byte[][] disk) throws Exception {
        drive(service(new Outside()).cancel(spec, read(disk[0]), console::add, store));
    }

    private <T> T drive(Reconciler<T> reconciler) throws Exception {
        CompletableFuture<T> end = new CompletableFuture<>();
        try (Driver driver = new Driver("lives", 2)) {
            Drive drive =
                    driver.drive("stage", reconciler, Duration.ofMinutes(1), console::add, new Drive.Listener<T>() {
                        @Override
                        public void done(T result) {
                            end.complete(result);
                        }

                        @Override
                        public void failed(Throwable failure) {
                            end.completeExceptionally(failure);
                        }
                    });
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (System.nanoTime() < until) {
                try {
                    return end.get(25, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    drive.wake(); // no need to wait for its own period
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof io.jenkins.plugins.ephemeral.environment.KillSwitch.Killed) {
                        return null;
                    }
                    throw (Exception) e.getCause();
                }
            }
            throw new AssertionError("no end: " + drive.status() + "\n" + String.join("\n", console));
        }
    }

    static byte[] bytes(TerrakubeState state) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(state);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static TerrakubeState read(byte[] bytes) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return (TerrakubeState) in.readObject();
        }
    }
}
