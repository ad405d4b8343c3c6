package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** The custom resource, without a schema of its own: a type only so that the client need not ask what it is. */
@Group("testworkflows.testkube.io")
@Version("v1")
@Kind("TestWorkflowTemplate")
@Plural("testworkflowtemplates")
public final class TestWorkflowTemplate extends GenericKubernetesResource implements Namespaced {
    private static final long serialVersionUID = 1L;
}
