package org.csanchez.jenkins.plugins.kubernetes;

import hudson.slaves.Cloud;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import org.jenkinsci.plugins.kubernetes.auth.KubernetesAuthException;

/** Stand-in: a Kubernetes cluster configured in Jenkins. Tests subclass it and say how to connect. */
public class KubernetesCloud extends Cloud {
    private String serverUrl;
    private String namespace;
    private String credentialsId;
    private boolean usageRestricted;

    public KubernetesCloud(String name) {
        super(name);
    }

    /** A client that is borrowed: shared, replaced now and then, never to be closed. */
    public KubernetesClient connect() throws KubernetesAuthException, IOException {
        throw new IOException("cloud " + name + ": no connection is set up");
    }

    public String getServerUrl() {
        return serverUrl;
    }

    public void setServerUrl(String serverUrl) {
        this.serverUrl = serverUrl;
    }

    public String getNamespace() {
        return namespace;
    }

    public void setNamespace(String namespace) {
        this.namespace = namespace;
    }

    public String getCredentialsId() {
        return credentialsId;
    }

    public void setCredentialsId(String credentialsId) {
        this.credentialsId = credentialsId;
    }

    public boolean isUsageRestricted() {
        return usageRestricted;
    }

    public void setUsageRestricted(boolean usageRestricted) {
        this.usageRestricted = usageRestricted;
    }
}
