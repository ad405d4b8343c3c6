package io.jenkins.plugins.ephemeral.conformance;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import org.junit.AfterClass;
import org.junit.runner.RunWith;
import org.junit.runners.Suite;

/** All of it. A subclass says which cluster is the subject, in its {@code @BeforeClass}. */
@RunWith(Suite.class)
@Suite.SuiteClasses({
    ObjectConformance.class,
    ApplyConformance.class,
    WatchConformance.class,
    NamespaceConformance.class,
    AccessConformance.class,
    RightsConformance.class,
    JobConformance.class,
    PodConformance.class,
    LogConformance.class,
    CustomResourceConformance.class
})
public abstract class ConformanceSuite {
    private static TestCluster subject;
    private static KubernetesClient client;

    static void subject(TestCluster cluster) {
        subject = cluster;
        client = new KubernetesClientBuilder().withConfig(cluster.admin()).build();
    }

    static TestCluster subject() {
        return subject;
    }

    /** The administrator's client. */
    static KubernetesClient client() {
        return client;
    }

    @AfterClass
    public static void release() {
        if (subject != null) {
            client.close();
            subject.close();
            subject = null;
        }
    }
}
