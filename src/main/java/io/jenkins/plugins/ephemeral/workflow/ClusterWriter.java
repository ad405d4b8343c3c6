package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes manifests to an environment's namespace by server-side apply, which also takes what does not fit into the
 * annotation of a client-side one. It has a field manager of its own, so that it cannot take over what the environment
 * and its agent are made of: that is a conflict, and its owner is named.
 */
final class ClusterWriter {
    /** Field manager of what a user applies. */
    static final String FIELD_MANAGER = "ephemeral-apply";

    /** A path in a server's message: {@code spec.template.spec.containers[0].image}. */
    private static final Pattern PATH = Pattern.compile("\\b(?:spec|data|metadata)(?:\\.[A-Za-z0-9_-]+|\\[[0-9]+])+");

    private final Cluster cluster;
    private final NamespaceRef environment;
    private final String controllerId;

    ClusterWriter(Cluster cluster, NamespaceRef environment, String controllerId) {
        this.cluster = cluster;
        this.environment = environment;
        this.controllerId = controllerId;
    }

    /**
     * Asks the server what it would say, without writing: with strict validation where it knows that (1.25 and later);
     * older ones drop fields that they do not know and say nothing, so the answer is held against what was sent.
     *
     * @return a sentence if the server cannot say (an admission webhook has no dry run), else null
     */
    String dryRun(Manifest manifest) {
        GenericKubernetesResource answer;
        try {
            answer = send(manifest, "checking " + manifest.kind(), true);
        } catch (UserFault refused) {
            if (refused.why().contains("does not support dry run")) {
                return manifest.id() + " could not be checked before: " + refused.why();
            }
            throw located(manifest, refused);
        }
        String missing = Dropped.find(manifest.content(), answer);
        if (missing != null) {
            throw new UserFault(
                    "checking " + manifest.kind(),
                    cluster.name() + '/' + environment.namespace() + '/' + manifest.name() + ", from "
                            + manifest.placeOf(missing),
                    "the server does not know the field " + missing + " and would drop it",
                    "Correct or remove it.");
        }
        return null;
    }

    /** Creates or updates. */
    void apply(Manifest manifest) {
        try {
            send(manifest, "applying " + manifest.kind(), false);
        } catch (UserFault refused) {
            throw located(manifest, refused);
        }
    }

    private GenericKubernetesResource send(Manifest manifest, String what, boolean dryRun) {
        GenericKubernetesResource desired = resource(manifest);
        PatchContext.Builder patch = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(FIELD_MANAGER)
                .withForce(false);
        if (dryRun) {
            patch.withDryRun(List.of("All")).withFieldValidation("Strict");
        }
        try {
            return cluster.call(
                    what, environment.namespace() + '/' + manifest.name(), client -> client.genericKubernetesResources(
                                    manifest.type().context())
                            .inNamespace(environment.namespace())
                            .resource(desired)
                            .patch(patch.build(), desired));
        } catch (TransientFault fault) {
            // servers before 1.26 say 500 where a field is not in the schema
            if (String.valueOf(fault.why()).contains("failed to create typed patch object")) {
                throw new UserFault(fault.what(), fault.where(), fault.why(), "Correct or remove it.", fault);
            }
            throw fault;
        }
    }

    /** Deletes what an earlier call applied, if it still is of this environment. */
    void delete(ManifestKind kind, String name) {
        String path = environment.namespace() + '/' + name;
        cluster.call(
                        "reading " + kind.kind(),
                        path,
                        client -> java.util.Optional.ofNullable(
                                one(client, kind, name).get()))
                .map(GenericKubernetesResource::getMetadata)
                .filter(meta -> meta.getLabels() != null
                        && environment.environment().equals(meta.getLabels().get(Labels.ENVIRONMENT)))
                .ifPresent(meta -> cluster.delete(kind.context(), environment.namespace(), name, meta.getUid()));
    }

    private Resource<GenericKubernetesResource> one(
            io.fabric8.kubernetes.client.KubernetesClient client, ManifestKind kind, String name) {
        return client.genericKubernetesResources(kind.context())
                .inNamespace(environment.namespace())
                .withName(name);
    }

    private GenericKubernetesResource resource(Manifest manifest) {
        GenericKubernetesResource resource = new GenericKubernetesResource();
        resource.setApiVersion(manifest.type().apiVersion());
        resource.setKind(manifest.kind());
        ObjectMeta meta = new ObjectMeta();
        meta.setName(manifest.name());
        meta.setNamespace(environment.namespace());
        Map<String, String> labels = manifest.strings("labels");
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(Labels.CONTROLLER, controllerId);
        labels.put(Labels.ENVIRONMENT, environment.environment());
        meta.setLabels(labels);
        Map<String, String> annotations = manifest.strings("annotations");
        meta.setAnnotations(annotations.isEmpty() ? null : annotations);
        resource.setMetadata(meta);
        Map<String, Object> content = manifest.kind().equals(ManifestLoader.TRIGGER)
                ? new TriggerRewriting(environment, controllerId, null, Map.of()).rewrite(manifest.content())
                : manifest.content();
        content.forEach((field, value) -> {
            if (!Set.of("apiVersion", "kind", "metadata", "status").contains(field)) {
                resource.setAdditionalProperty(
                        field, manifest.type().isTestkube() ? value : PortProtocols.writtenOut(value));
            }
        });
        return resource;
    }

    /** The refusal with the file and line of the field that it names. */
    private static UserFault located(Manifest manifest, UserFault refused) {
        Matcher path = PATH.matcher(String.valueOf(refused.why()));
        String place = path.find() ? manifest.placeOf(path.group()) : manifest.place();
        String where = refused.where() + ", from " + place;
        return new UserFault(refused.what(), where, refused.why(), refused.remedy(), refused);
    }
}
