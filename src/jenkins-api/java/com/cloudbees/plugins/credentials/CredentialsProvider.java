package com.cloudbees.plugins.credentials;

import com.cloudbees.plugins.credentials.common.IdCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import hudson.ExtensionList;
import hudson.ExtensionPoint;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Run;
import hudson.security.ACL;
import hudson.security.Permission;
import hudson.security.PermissionGroup;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.Jenkins;
import org.springframework.security.core.Authentication;

/** Stand-in: where credentials are looked up. A test's provider is an extension of this type. */
@SuppressWarnings("rawtypes")
public abstract class CredentialsProvider implements ExtensionPoint {
    private static final PermissionGroup GROUP = new PermissionGroup(CredentialsProvider.class, null);
    public static final Permission USE_OWN = new Permission(GROUP, "UseOwn", Item.BUILD);
    public static final Permission USE_ITEM = new Permission(GROUP, "UseItem", Item.CONFIGURE);

    /** What this provider has for items in {@code itemGroup}. */
    public <C extends Credentials> List<C> getCredentialsInItemGroup(
            Class<C> type,
            ItemGroup itemGroup,
            Authentication authentication,
            List<DomainRequirement> domainRequirements) {
        return List.of();
    }

    public static <C extends Credentials> List<C> lookupCredentialsInItemGroup(
            Class<C> type,
            ItemGroup itemGroup,
            Authentication authentication,
            List<DomainRequirement> domainRequirements) {
        List<C> found = new ArrayList<>();
        for (CredentialsProvider p : ExtensionList.lookup(CredentialsProvider.class)) {
            found.addAll(p.getCredentialsInItemGroup(
                    type,
                    itemGroup == null ? Jenkins.get() : itemGroup,
                    authentication == null ? ACL.SYSTEM2 : authentication,
                    domainRequirements == null ? List.of() : domainRequirements));
        }
        return found;
    }

    public static <C extends Credentials> List<C> lookupCredentialsInItem(
            Class<C> type, Item item, Authentication authentication, List<DomainRequirement> domainRequirements) {
        return lookupCredentialsInItemGroup(
                type, item == null ? Jenkins.get() : item.getParent(), authentication, domainRequirements);
    }

    public static <C extends IdCredentials> C findCredentialByIdInItemGroup(
            String id,
            Class<C> type,
            ItemGroup<?> itemGroup,
            Authentication authentication,
            List<DomainRequirement> domainRequirements) {
        return CredentialsMatchers.firstOrNull(
                lookupCredentialsInItemGroup(type, itemGroup, authentication, domainRequirements),
                CredentialsMatchers.withId(id));
    }

    public static <C extends IdCredentials> C findCredentialByIdInItem(
            String id,
            Class<C> type,
            Item item,
            Authentication authentication,
            List<DomainRequirement> domainRequirements) {
        return CredentialsMatchers.firstOrNull(
                lookupCredentialsInItem(type, item, authentication, domainRequirements),
                CredentialsMatchers.withId(id));
    }

    public static <C extends IdCredentials> C findCredentialById(String id, Class<C> type, Run<?, ?> run) {
        return findCredentialById(id, type, run, List.of());
    }

    public static <C extends IdCredentials> C findCredentialById(
            String id, Class<C> type, Run<?, ?> run, DomainRequirement... domainRequirements) {
        return findCredentialById(id, type, run, List.of(domainRequirements));
    }

    public static <C extends IdCredentials> C findCredentialById(
            String id, Class<C> type, Run<?, ?> run, List<DomainRequirement> domainRequirements) {
        return findCredentialByIdInItem(id, type, run.getParent(), ACL.SYSTEM2, domainRequirements);
    }

    /** Notes that the build used them; here nothing is noted. */
    public static <C extends Credentials> C track(Run build, C credentials) {
        return credentials;
    }
}
