package hudson.model.listeners;

import hudson.ExtensionList;
import hudson.ExtensionPoint;
import hudson.model.Item;

/** Stand-in: told about jobs and folders, and about Jenkins itself. */
public class ItemListener implements ExtensionPoint {
    public void onCreated(Item item) {}

    public void onLoaded() {}

    public void onDeleted(Item item) {}

    public void onRenamed(Item item, String oldName, String newName) {}

    public void onLocationChanged(Item item, String oldFullName, String newFullName) {}

    public void onUpdated(Item item) {}

    public void onBeforeShutdown() {}

    public static ExtensionList<ItemListener> all() {
        return ExtensionList.lookup(ItemListener.class);
    }

    public static void fireOnCreated(Item item) {
        all().forEach(l -> l.onCreated(item));
    }

    public static void fireOnUpdated(Item item) {
        all().forEach(l -> l.onUpdated(item));
    }

    public static void fireOnDeleted(Item item) {
        all().forEach(l -> l.onDeleted(item));
    }
}
