package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.cluster.ConfiguredClusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceContents;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A cluster in which Jenkins may make no namespace, and a pool that an administrator has made there with
 * {@code deploy/pool.yaml}: in each namespace there is something that is not ours.
 */
final class PoolRig implements AutoCloseable {
    static final List<String> POOL = List.of("pool-1", "pool-2");
    static final String NEIGHBOUR = "of-another-team";

    /** Null where it is a real one. */
    final EmbeddedCluster cluster;

    final KubernetesClient admin;
    private final Config jenkins;
    private ClusterTerms terms = new ClusterTerms(1, 0, Map.of(), POOL, Map.of());

    PoolRig() {
        this(EmbeddedCluster.start(), null);
    }

    /** @param real the administrator of a real cluster */
    PoolRig(Config real) {
        this(null, real);
    }

    private PoolRig(EmbeddedCluster embedded, Config real) {
        cluster = embedded;
        Config server = embedded == null ? real : embedded.config();
        admin = new KubernetesClientBuilder().withConfig(server).build();
        namespace("jenkins");
        apply(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace("jenkins")
                .withName("ephemeral-environments")
                .endMetadata()
                .build());
        for (HasMetadata object : manifests("rbac.yaml")) {
            apply(object);
        }
        List<String> all = new ArrayList<>(POOL);
        all.add(NEIGHBOUR);
        for (String name : all) {
            namespace(name);
            config(name, "made-by-the-administrator");
        }
        for (HasMetadata object : manifests("pool.yaml")) {
            if (object instanceof RoleBinding
                    && !object.getMetadata().getNamespace().equals("jenkins")) {
                for (String name : POOL) {
                    object.getMetadata().setNamespace(name);
                    apply(object);
                }
            } else {
                apply(object);
            }
        }
        String token = admin.serviceAccounts()
                .inNamespace("jenkins")
                .withName("ephemeral-environments")
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
                .getStatus()
                .getToken();
        jenkins = Config.empty();
        jenkins.setMasterUrl(server.getMasterUrl());
        jenkins.setCaCertData(server.getCaCertData());
        jenkins.setOauthToken(token);
    }

    /** Other terms from now on. */
    void terms(ClusterTerms other) {
        terms = other;
    }

    EnvironmentRig controller(Path home) {
        return controller(home, new Outside(), new EnvironmentRig.Shifted());
    }

    /** One life of a controller with the rights of the pool only. */
    EnvironmentRig controller(Path home, Outside outside, EnvironmentRig.Shifted clock) {
        EnvironmentRig rig = new EnvironmentRig(jenkins, home, outside, clock);
        ClusterAccess plain = rig.access();
        rig.configured = List.of(new ClusterAccess() {
            @Override
            public String name() {
                return plain.name();
            }

            @Override
            public KubernetesClient client() {
                return plain.client();
            }

            @Override
            public ClusterTerms terms() {
                return terms;
            }
        });
        return rig;
    }

    /** The last controller is gone for so long that its Lease means nothing any more. */
    void forgetTenure() {
        admin.leases().inNamespace("jenkins").delete();
    }

    ConfigMap config(String namespace, String name) {
        return admin.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    Lease lease(String namespace) {
        return admin.resources(Lease.class)
                .inNamespace(namespace)
                .withName(PoolLease.NAME)
                .get();
    }

    /** Who has a namespace; empty for nobody. */
    String holder(String namespace) {
        Lease lease = lease(namespace);
        String holder = lease == null ? null : lease.getSpec().getHolderIdentity();
        return holder == null ? "" : holder;
    }

    /** What is in a namespace, but for its Lease. */
    Set<String> contents(String namespace) {
        try (ConfiguredClusters all = new ConfiguredClusters(
                () -> List.of(new ClusterAccess() {
                    @Override
                    public String name() {
                        return "admin";
                    }

                    @Override
                    public KubernetesClient client() {
                        return admin;
                    }
                }),
                () -> 1000,
                () -> 1000,
                new Outside(),
                "admin")) {
            Set<String> keys = new TreeSet<>();
            new NamespaceContents(all.cluster("admin")).list(namespace).items().forEach(item -> keys.add(item.key()));
            keys.remove(PoolLease.KEY);
            return keys;
        }
    }

    private void namespace(String name) {
        apply(new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("pool", name.startsWith("pool-") ? "jenkins" : "none")
                .endMetadata()
                .build());
    }

    private void apply(HasMetadata object) {
        object.getMetadata().setManagedFields(null);
        admin.resource(object).forceConflicts().serverSideApply();
    }

    private List<HasMetadata> manifests(String file) {
        try (InputStream stream = Files.newInputStream(Path.of("deploy").resolve(file))) {
            return admin.load(stream).items();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (cluster == null) {
            POOL.forEach(name -> admin.namespaces().withName(name).delete());
            admin.namespaces().withName(NEIGHBOUR).delete();
        }
        admin.close();
        if (cluster != null) {
            cluster.close();
        }
    }
}
