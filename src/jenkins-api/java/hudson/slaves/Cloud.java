package hudson.slaves;

import hudson.model.Actionable;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.security.ACL;
import hudson.security.AccessControlled;
import jenkins.model.Jenkins;

/** Stand-in: where build agents come from. */
public abstract class Cloud extends Actionable implements Describable<Cloud>, AccessControlled {
    public String name;

    protected Cloud(String name) {
        this.name = name;
    }

    @Override
    public String getDisplayName() {
        return name;
    }

    public String getUrl() {
        return "cloud/" + name + "/";
    }

    @Override
    public ACL getACL() {
        return Jenkins.get().getACL();
    }

    @Override
    @SuppressWarnings("unchecked")
    public Descriptor<Cloud> getDescriptor() {
        return Jenkins.get().getDescriptorOrDie(getClass());
    }
}
