package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.RequestLimiter;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.util.concurrent.CountDownLatch;

/** Follows one log in a JVM of its own, and says what it saw. */
final class LogTortureReader {
    private long lines;
    private long notes;
    private long inert;
    private int longest;

    private LogTortureReader() {}

    /** @param args URL of the API server */
    public static void main(String[] args) throws Exception {
        Config config = new ConfigBuilder(Config.empty()).withMasterUrl(args[0]).build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            new LogTortureReader().read(client);
        }
    }

    private void read(KubernetesClient client) throws InterruptedException {
        Cluster cluster = new Cluster(
                new ClusterAccess() {
                    @Override
                    public String name() {
                        return "dev";
                    }

                    @Override
                    public KubernetesClient client() {
                        return client;
                    }
                },
                new RequestLimiter(100, 100),
                new Outside());
        CountDownLatch over = new CountDownLatch(1);
        LogTail tail = StageReport.newTail();
        LogFollower follower =
                new LogFollower(cluster, "a", "p", "stage", new LogPosition(), "", sink(tail), over::countDown);
        follower.look(true, false);
        over.await();
        System.out.println("lines=" + lines + " longest=" + longest + " notes=" + notes + " inert=" + inert
                + " tailLines=" + tail.text().lines().count() + " drained=" + follower.isDrained());
        System.exit(follower.isDrained() ? 0 : 1);
    }

    private LogSink sink(LogTail tail) {
        return new LogSink() {
            @Override
            public void line(String text) {
                lines++;
                notes += text.contains("\u001B[8mha:") ? 1 : 0;
                inert += text.contains("<ESC>[8mha:") ? 1 : 0;
                longest = Math.max(
                        longest, text.replaceFirst(" \\[\\d+ more bytes.*", "").length());
                tail.add(text);
            }

            @Override
            public void notice(String text) {
                System.out.println(text);
            }

            @Override
            public void position(String position) {
                // nobody goes on from here
            }
        };
    }
}
