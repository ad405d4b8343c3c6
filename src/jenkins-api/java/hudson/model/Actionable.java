package hudson.model;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stand-in: carries actions. */
public abstract class Actionable implements ModelObject {
    private volatile ArrayList<Action> actions;

    /** The persisted actions; changes of the list are not seen. */
    public List<Action> getActions() {
        return new CopyOnWriteArrayList<>(stored());
    }

    public final List<? extends Action> getAllActions() {
        return getActions();
    }

    public <T extends Action> List<T> getActions(Class<T> type) {
        List<T> found = new ArrayList<>();
        for (Action a : stored()) {
            if (type.isInstance(a)) {
                found.add(type.cast(a));
            }
        }
        return found;
    }

    public <T extends Action> T getAction(Class<T> type) {
        List<T> found = getActions(type);
        return found.isEmpty() ? null : found.get(0);
    }

    public synchronized void addAction(Action a) {
        if (a == null) {
            throw new IllegalArgumentException("Action must be non-null");
        }
        ArrayList<Action> next = new ArrayList<>(stored());
        next.add(a);
        actions = next;
    }

    public void replaceAction(Action a) {
        addOrReplaceAction(a);
    }

    /** One action of that very class. */
    public synchronized boolean addOrReplaceAction(Action a) {
        ArrayList<Action> next = new ArrayList<>(stored());
        next.removeIf(other -> other.getClass() == a.getClass());
        next.add(a);
        actions = next;
        return true;
    }

    public synchronized boolean removeAction(Action a) {
        ArrayList<Action> next = new ArrayList<>(stored());
        boolean changed = next.remove(a);
        actions = next;
        return changed;
    }

    public synchronized boolean removeActions(Class<? extends Action> clazz) {
        ArrayList<Action> next = new ArrayList<>(stored());
        boolean changed = next.removeIf(clazz::isInstance);
        actions = next;
        return changed;
    }

    private List<Action> stored() {
        List<Action> current = actions;
        return current == null ? List.of() : current;
    }
}
