package jenkins.model;

import hudson.ExtensionPoint;
import hudson.model.ModelObject;

/** Stand-in: a page of the global configuration. */
public abstract class GlobalConfigurationCategory implements ExtensionPoint, ModelObject {
    private static final Unclassified UNCLASSIFIED = new Unclassified();

    public abstract String getShortDescription();

    public static <T extends GlobalConfigurationCategory> T get(Class<T> type) {
        return type.cast(UNCLASSIFIED);
    }

    /** The page "System". */
    public static class Unclassified extends GlobalConfigurationCategory {
        @Override
        public String getShortDescription() {
            return "Configure global settings and paths.";
        }

        @Override
        public String getDisplayName() {
            return "System";
        }
    }
}
