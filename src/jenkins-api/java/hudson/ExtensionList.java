package hudson;

import java.util.AbstractList;
import java.util.Iterator;
import java.util.concurrent.CopyOnWriteArrayList;
import jenkins.model.Jenkins;

/** Stand-in: the implementations of one extension point. */
public class ExtensionList<T> extends AbstractList<T> {
    public final Class<T> extensionType;
    private final CopyOnWriteArrayList<T> extensions = new CopyOnWriteArrayList<>();

    protected ExtensionList(Jenkins jenkins, Class<T> extensionType) {
        this.extensionType = extensionType;
    }

    public static <T> ExtensionList<T> create(Jenkins jenkins, Class<T> type) {
        return new ExtensionList<>(jenkins, type);
    }

    public static <T> ExtensionList<T> lookup(Class<T> type) {
        return Jenkins.get().getExtensionList(type);
    }

    /** The one instance of {@code type} itself. */
    public static <U> U lookupSingleton(Class<U> type) {
        ExtensionList<U> all = lookup(type);
        if (all.size() != 1) {
            throw new IllegalStateException("Expected 1 instance of " + type.getName() + " but got " + all.size());
        }
        return all.get(0);
    }

    public static <U> U lookupFirst(Class<U> type) {
        ExtensionList<U> all = lookup(type);
        if (all.isEmpty()) {
            throw new IllegalStateException("Found no instance of " + type.getName());
        }
        return all.get(0);
    }

    /** The extension whose class is exactly {@code type}, or null. */
    public <U extends T> U get(Class<U> type) {
        for (T extension : extensions) {
            if (extension.getClass() == type) {
                return type.cast(extension);
            }
        }
        return null;
    }

    public <U extends T> U getInstance(Class<U> type) throws IllegalStateException {
        U found = get(type);
        if (found == null) {
            throw new IllegalStateException("The class " + type.getName() + " was not found among the extensions of "
                    + extensionType.getName());
        }
        return found;
    }

    @Override
    public T get(int index) {
        return extensions.get(index);
    }

    @Override
    public int size() {
        return extensions.size();
    }

    @Override
    public Iterator<T> iterator() {
        return extensions.iterator();
    }

    @Override
    public boolean add(T extension) {
        return extensions.add(extension);
    }

    @Override
    public void add(int index, T extension) {
        extensions.add(index, extension);
    }

    @Override
    public boolean remove(Object extension) {
        return extensions.remove(extension);
    }
}
