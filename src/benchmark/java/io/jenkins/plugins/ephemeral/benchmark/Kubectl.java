package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an environment is compared with: kubectl with the same objects, as the administrator. */
final class Kubectl {
    private final String binary;
    private final Path kubeconfig;
    private final Path folder;
    private final List<HasMetadata> model = new ArrayList<>();

    /** @param folder for manifests and the discovery cache */
    Kubectl(String binary, Path kubeconfig, Path folder) throws IOException {
        this.binary = binary;
        this.kubeconfig = kubeconfig;
        this.folder = Files.createDirectories(folder);
    }

    /** Takes the objects of an environment that is READY as those to apply. */
    void learn(KubernetesClient admin, String environment) {
        model.add(admin.namespaces().withName(environment).get());
        for (Class<? extends HasMetadata> type : List.of(
                RoleBinding.class, ResourceQuota.class, LimitRange.class, ServiceAccount.class, NetworkPolicy.class)) {
            model.addAll(admin.resources(type)
                    .inNamespace(environment)
                    .withLabel(Labels.ENVIRONMENT, environment)
                    .list()
                    .getItems());
        }
    }

    /** How many objects are applied. */
    int objects() {
        return model.size();
    }

    /** Writes the manifest for a namespace of that name. */
    Path manifest(String name) throws IOException {
        StringBuilder text = new StringBuilder();
        for (HasMetadata each : model) {
            text.append("---\n").append(Serialization.asYaml(renamed(each, name)));
        }
        return Files.writeString(folder.resolve(name + ".yaml"), text);
    }

    /** @return nanoseconds that the program took */
    long apply(Path manifest) throws IOException, InterruptedException {
        return run("apply", "--server-side", "-f", manifest.toString());
    }

    /** @return nanoseconds that the program took; it waits until the namespace is gone */
    long delete(String name) throws IOException, InterruptedException {
        return run("delete", "namespace", name);
    }

    private long run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                binary,
                "--kubeconfig",
                kubeconfig.toString(),
                "--cache-dir",
                folder.resolve("cache").toString()));
        command.addAll(List.of(arguments));
        File output = folder.resolve("kubectl.log").toFile();
        long begin = System.nanoTime();
        int status = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start()
                .waitFor();
        long took = System.nanoTime() - begin;
        if (status != 0) {
            throw new IllegalStateException(
                    command + " ended with " + status + ": " + Files.readString(output.toPath()));
        }
        return took;
    }

    /** What was asked for, without what the server added, in another namespace and as nobody's environment. */
    private static HasMetadata renamed(HasMetadata object, String name) {
        HasMetadata copy = Serialization.clone(object);
        ObjectMeta old = copy.getMetadata();
        Map<String, String> labels = new HashMap<>(old.getLabels());
        labels.put(Labels.ENVIRONMENT, name);
        labels.put(Labels.CONTROLLER, "kubectl");
        boolean namespace = copy instanceof Namespace;
        copy.setMetadata(new ObjectMetaBuilder()
                .withName(namespace ? name : old.getName())
                .withNamespace(namespace ? null : name)
                .withLabels(labels)
                .withAnnotations(namespace ? old.getAnnotations() : null)
                .build());
        if (copy instanceof Namespace) {
            ((Namespace) copy).setSpec(null);
            ((Namespace) copy).setStatus(null);
        } else if (copy instanceof ServiceAccount) {
            ((ServiceAccount) copy).setSecrets(null);
        } else if (copy instanceof ResourceQuota) {
            ((ResourceQuota) copy).setStatus(null);
        }
        return copy;
    }
}
