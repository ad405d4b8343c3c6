package org.csanchez.jenkins.plugins.kubernetes;

import hudson.model.ItemGroup;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stand-in: which clouds of restricted usage the items of a folder may use. */
public class KubernetesFolderProperty {
    private static final ConcurrentHashMap<String, Set<String>> PERMITTED = new ConcurrentHashMap<>();

    /** Collects into {@code allowedClouds} what the group and the groups around it permit. */
    public static void collectAllowedClouds(Set<String> allowedClouds, ItemGroup<?> itemGroup) {
        allowedClouds.addAll(PERMITTED.getOrDefault(itemGroup.getFullName(), Set.of()));
        if (itemGroup instanceof hudson.model.Item item) {
            collectAllowedClouds(allowedClouds, item.getParent());
        }
    }

    /** Not in the real API: what a test's folder (by full name) permits. */
    public static void permit(String groupFullName, Set<String> clouds) {
        PERMITTED.put(groupFullName, Set.copyOf(clouds));
    }
}
