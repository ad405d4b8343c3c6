package io.jenkins.plugins.ephemeral.workflow;

import java.io.Serializable;
import java.util.Objects;

/** One file of manifests as it was read from the workspace, from SCM or from the step. */
public final class ManifestSource implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String text;

    /**
     * @param name the file's name for messages: {@code testkube/smoke.yaml}
     * @param text its YAML text
     */
    public ManifestSource(String name, String text) {
        this.name = Objects.requireNonNull(name);
        this.text = Objects.requireNonNull(text);
    }

    /** The file's name. */
    public String name() {
        return name;
    }

    /** Its text. */
    public String text() {
        return text;
    }
}
