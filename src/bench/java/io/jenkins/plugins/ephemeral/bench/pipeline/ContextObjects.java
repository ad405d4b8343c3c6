package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What the blocks around a step provide, innermost first. */
final class ContextObjects implements Serializable {
    private static final long serialVersionUID = 1L;
    private final ContextObjects outer;
    private final ArrayList<Object> objects;

    ContextObjects(ContextObjects outer, List<Object> objects) {
        this.outer = outer;
        this.objects = new ArrayList<>(objects);
    }

    ContextObjects with(Object more) {
        return new ContextObjects(this, List.of(more));
    }

    <T> T get(Class<T> type) {
        for (ContextObjects c = this; c != null; c = c.outer) {
            for (int i = c.objects.size() - 1; i >= 0; i--) {
                if (type.isInstance(c.objects.get(i))) {
                    return type.cast(c.objects.get(i));
                }
            }
        }
        return null;
    }
}
