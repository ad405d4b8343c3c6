package hudson.model;

import hudson.BulkChange;
import hudson.XmlFile;
import hudson.security.Permission;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import jenkins.model.GlobalConfigurationCategory;
import jenkins.model.Jenkins;

/** Stand-in: metadata of a describable, and what is configured globally for it. */
public abstract class Descriptor<T extends Describable<T>> implements Saveable {
    public final transient Class<? extends T> clazz;

    protected Descriptor(Class<? extends T> clazz) {
        this.clazz = clazz == self() ? own() : clazz;
    }

    @SuppressWarnings("unchecked")
    protected Descriptor() {
        this.clazz = (Class<T>) getClass().getEnclosingClass();
        if (clazz == null) {
            throw new AssertionError(
                    getClass() + " doesn't have an outer class. Use the constructor that takes the Class.");
        }
    }

    @SuppressWarnings("unchecked")
    private Class<? extends T> own() {
        return (Class<? extends T>) (Class<?>) getClass();
    }

    /** Stands for the descriptor's own class where a descriptor describes itself. */
    @SuppressWarnings("rawtypes")
    protected static Class self() {
        return Self.class;
    }

    private static final class Self {}

    public String getDisplayName() {
        return clazz.getSimpleName();
    }

    public String getId() {
        return clazz.getName();
    }

    public String getDescriptorUrl() {
        return "descriptorByName/" + getId();
    }

    public boolean isInstance(T instance) {
        return clazz.isInstance(instance);
    }

    public GlobalConfigurationCategory getCategory() {
        return GlobalConfigurationCategory.get(GlobalConfigurationCategory.Unclassified.class);
    }

    public Permission getRequiredGlobalConfigPagePermission() {
        return Jenkins.ADMINISTER;
    }

    @Override
    public synchronized void save() {
        if (BulkChange.contains(this)) {
            return;
        }
        try {
            getConfigFile().write(this);
        } catch (IOException e) {
            // the real one only logs; a test had better see it
            throw new UncheckedIOException("Failed to save " + getConfigFile(), e);
        }
    }

    public synchronized void load() {
        XmlFile file = getConfigFile();
        if (!file.exists()) {
            return;
        }
        try {
            file.unmarshal(this);
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to load " + file, e);
        }
    }

    protected XmlFile getConfigFile() {
        return new XmlFile(new File(Jenkins.get().getRootDir(), getId() + ".xml"));
    }

    /** Makes an instance of a form's fields. Binding forms is Stapler's: the stand-in knows texts and booleans. */
    @SuppressWarnings("unchecked")
    public T newInstance(org.kohsuke.stapler.StaplerRequest2 req, net.sf.json.JSONObject formData)
            throws FormException {
        try {
            T instance = clazz.getDeclaredConstructor().newInstance();
            for (Object key : formData.keySet()) {
                String name = String.valueOf(key);
                String setter = "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
                for (java.lang.reflect.Method method : clazz.getMethods()) {
                    if (method.getName().equals(setter)) {
                        method.invoke(instance, formData.get(key));
                    }
                }
            }
            return instance;
        } catch (ReflectiveOperationException e) {
            throw new FormException(e.getMessage(), e, "");
        }
    }

    @SuppressWarnings("rawtypes")
    public static <T extends Descriptor> T findById(Collection<? extends T> list, String id) {
        return list.stream().filter(d -> d.getId().equals(id)).findFirst().orElse(null);
    }

    /** A form or configuration cannot be taken as it is. */
    public static class FormException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String formField;

        public FormException(String message, String formField) {
            super(message);
            this.formField = formField;
        }

        public FormException(String message, Throwable cause, String formField) {
            super(message, cause);
            this.formField = formField;
        }

        public String getFormField() {
            return formField;
        }
    }
}
