package jenkins.model;

import hudson.ExtensionList;
import hudson.init.InitMilestone;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.model.Hudson;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.TopLevelItem;
import hudson.security.ACL;
import hudson.security.AccessControlled;
import hudson.security.Permission;
import hudson.security.PermissionGroup;
import hudson.security.PermissionScope;
import hudson.slaves.Cloud;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.security.core.Authentication;

/** Stand-in: the controller. Subclasses say which extensions there are. */
public class Jenkins implements ItemGroup<TopLevelItem>, AccessControlled {
    public static final PermissionGroup PERMISSIONS = Permission.HUDSON_PERMISSIONS;
    public static final Permission ADMINISTER = Permission.HUDSON_ADMINISTER;
    public static final Permission MANAGE =
            new Permission(PERMISSIONS, "Manage", null, ADMINISTER, PermissionScope.JENKINS);
    public static final Permission SYSTEM_READ =
            new Permission(PERMISSIONS, "SystemRead", null, ADMINISTER, PermissionScope.JENKINS);
    public static final Permission READ =
            new Permission(PERMISSIONS, "Read", null, Permission.READ, PermissionScope.JENKINS);

    private static volatile Jenkins theInstance;

    public final Hudson.CloudList clouds = new Hudson.CloudList();
    private final File root;
    private final Map<String, TopLevelItem> items = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<Class<?>, ExtensionList<?>> extensionLists = new ConcurrentHashMap<>();
    private volatile boolean terminating;

    /** Becomes the instance, until {@link #cleanUp()}. */
    protected Jenkins(File root) {
        this.root = root;
        theInstance = this;
    }

    public static Jenkins get() throws IllegalStateException {
        Jenkins instance = theInstance;
        if (instance == null) {
            throw new IllegalStateException(
                    "Jenkins.instance is missing. Read the documentation of Jenkins.getInstanceOrNull to see what you are doing wrong.");
        }
        return instance;
    }

    public static Jenkins getInstanceOrNull() {
        return theInstance;
    }

    public void cleanUp() {
        terminating = true;
        if (theInstance == this) {
            theInstance = null;
        }
    }

    public boolean isTerminating() {
        return terminating;
    }

    public InitMilestone getInitLevel() {
        return InitMilestone.COMPLETED;
    }

    @Override
    public File getRootDir() {
        return root;
    }

    public String getRootUrl() throws IllegalStateException {
        return null;
    }

    /** As in Jenkins, it is kept in the home and lost with it. */
    public String getLegacyInstanceId() {
        Path key = root.toPath().resolve("secret.key");
        try {
            if (Files.notExists(key)) {
                Files.createDirectories(root.toPath());
                Files.writeString(key, UUID.randomUUID().toString().replace("-", ""));
            }
            return Files.readString(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    public <T> ExtensionList<T> getExtensionList(Class<T> extensionType) {
        return (ExtensionList<T>) extensionLists.computeIfAbsent(extensionType, t -> ExtensionList.create(this, t));
    }

    @SuppressWarnings("rawtypes")
    public Descriptor getDescriptor(Class<? extends Describable> type) {
        for (Descriptor d : getExtensionList(Descriptor.class)) {
            if (d.clazz == type) {
                return d;
            }
        }
        return null;
    }

    @SuppressWarnings("rawtypes")
    public Descriptor getDescriptorOrDie(Class<? extends Describable> type) {
        Descriptor d = getDescriptor(type);
        if (d == null) {
            throw new AssertionError(type + " is missing its descriptor");
        }
        return d;
    }

    @SuppressWarnings("rawtypes")
    public <T extends Descriptor> T getDescriptorByType(Class<T> type) {
        for (Descriptor d : getExtensionList(Descriptor.class)) {
            if (d.getClass() == type) {
                return type.cast(d);
            }
        }
        return null;
    }

    /** The cloud of that name, or null. */
    public Cloud getCloud(String name) {
        return clouds.getByName(name);
    }

    @Override
    public String getFullName() {
        return "";
    }

    @Override
    public String getDisplayName() {
        return "Jenkins";
    }

    @Override
    public String getUrl() {
        return "";
    }

    @Override
    public String getUrlChildPrefix() {
        return "job";
    }

    @Override
    public synchronized List<TopLevelItem> getItems() {
        return new ArrayList<>(items.values());
    }

    /** Items of that type anywhere in the tree. */
    public <T extends Item> List<T> getAllItems(Class<T> type) {
        List<T> found = new ArrayList<>();
        collect(this, type, found);
        return found;
    }

    private static <T> void collect(ItemGroup<?> group, Class<T> type, List<T> into) {
        for (Item item : group.getItems()) {
            if (type.isInstance(item)) {
                into.add(type.cast(item));
            }
            if (item instanceof ItemGroup<?> inner) {
                collect(inner, type, into);
            }
        }
    }

    @Override
    public synchronized TopLevelItem getItem(String name) {
        TopLevelItem item = items.get(name);
        // as if it were not there
        return item == null || item.hasPermission(Item.READ) ? item : null;
    }

    public Item getItemByFullName(String fullName) {
        return getItemByFullName(fullName, Item.class);
    }

    public <T extends Item> T getItemByFullName(String fullName, Class<T> type) {
        ItemGroup<?> group = this;
        Item item = null;
        for (String part : fullName.split("/")) {
            item = group == null ? null : group.getItem(part);
            group = item instanceof ItemGroup<?> inner ? inner : null;
        }
        return type.isInstance(item) ? type.cast(item) : null;
    }

    public synchronized void putItem(TopLevelItem item) throws IOException, InterruptedException {
        items.put(item.getName(), item);
    }

    @Override
    public File getRootDirFor(TopLevelItem child) {
        return new File(new File(root, "jobs"), child.getName());
    }

    @Override
    public synchronized void onDeleted(TopLevelItem item) throws IOException {
        items.remove(item.getName());
    }

    @Override
    public void save() throws IOException {}

    @Override
    public ACL getACL() {
        return ACL.lambda2((authentication, permission) -> true);
    }

    public static Authentication getAuthentication2() {
        return ACL.current();
    }
}
