package hudson.model;

import hudson.slaves.Cloud;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stand-in: holder of the list of clouds. */
public class Hudson {
    private Hudson() {}

    /** The configured clouds. */
    public static class CloudList extends CopyOnWriteArrayList<Cloud> {
        private static final long serialVersionUID = 1L;

        public Cloud getByName(String name) {
            return stream().filter(c -> c.name.equals(name)).findFirst().orElse(null);
        }

        /** The clouds of that type. */
        public <T extends Cloud> java.util.List<T> getAll(Class<T> type) {
            return stream().filter(type::isInstance).map(type::cast).toList();
        }
    }
}
