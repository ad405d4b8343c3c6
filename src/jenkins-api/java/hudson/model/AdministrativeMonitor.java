package hudson.model;

import hudson.ExtensionList;
import hudson.ExtensionPoint;

/** Stand-in: something that administrators are told about on every page until it is over. */
public abstract class AdministrativeMonitor implements ExtensionPoint, ModelObject {
    public final String id;

    protected AdministrativeMonitor(String id) {
        this.id = id;
    }

    protected AdministrativeMonitor() {
        this.id = getClass().getName();
    }

    public String getUrl() {
        return "administrativeMonitor/" + id;
    }

    @Override
    public String getDisplayName() {
        return id;
    }

    public abstract boolean isActivated();

    public boolean isSecurity() {
        return false;
    }

    public static ExtensionList<AdministrativeMonitor> all() {
        return ExtensionList.lookup(AdministrativeMonitor.class);
    }
}
