package hudson.model;

import hudson.XmlFile;
import hudson.model.listeners.ItemListener;
import hudson.security.ACL;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import jenkins.model.Jenkins;

/** Stand-in: base of items. */
public abstract class AbstractItem extends Actionable implements Item {
    protected transient String name;
    private transient ItemGroup<? extends Item> parent;
    private volatile String description;

    protected AbstractItem(ItemGroup<? extends Item> parent, String name) {
        this.parent = parent;
        this.name = name;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String getDisplayName() {
        return name;
    }

    @Override
    public ItemGroup<? extends Item> getParent() {
        return parent;
    }

    public String getDescription() {
        return description;
    }

    public void setDescription(String description) throws IOException {
        this.description = description;
        save();
        ItemListener.fireOnUpdated(this);
    }

    @Override
    public final String getFullName() {
        String group = parent.getFullName();
        return group.isEmpty() ? name : group + "/" + name;
    }

    public final String getFullDisplayName() {
        return getFullName().replace("/", " \u00bb ");
    }

    @Override
    @SuppressWarnings("unchecked")
    public File getRootDir() {
        return ((ItemGroup<Item>) parent).getRootDirFor(this);
    }

    @Override
    public final String getUrl() {
        return parent.getUrl() + getShortUrl();
    }

    @Override
    public String getShortUrl() {
        return parent.getUrlChildPrefix() + "/" + name + "/";
    }

    @Override
    public void onLoad(ItemGroup<? extends Item> group, String itemName) throws IOException {
        this.parent = group;
        this.name = itemName;
    }

    public final XmlFile getConfigFile() {
        return new XmlFile(new File(getRootDir(), "config.xml"));
    }

    @Override
    public void save() throws IOException {
        getConfigFile().write(this);
    }

    @Override
    public ACL getACL() {
        return Jenkins.get().getACL();
    }

    @Override
    @SuppressWarnings("unchecked")
    public void delete() throws IOException, InterruptedException {
        checkPermission(DELETE);
        try (Stream<Path> files = Files.walk(getRootDir().toPath())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        ((ItemGroup<Item>) parent).onDeleted(this);
        ItemListener.fireOnDeleted(this);
    }
}
