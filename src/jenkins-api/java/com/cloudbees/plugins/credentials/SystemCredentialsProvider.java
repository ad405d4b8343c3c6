package com.cloudbees.plugins.credentials;

import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import jenkins.model.Jenkins;

/** Stand-in: the credentials of the controller itself, in memory; they belong to its home and survive its restart. */
public class SystemCredentialsProvider {
    private static final Map<File, SystemCredentialsProvider> INSTANCES = new ConcurrentHashMap<>();

    private final List<Credentials> credentials = new CopyOnWriteArrayList<>();

    public static SystemCredentialsProvider getInstance() {
        return INSTANCES.computeIfAbsent(Jenkins.get().getRootDir(), home -> new SystemCredentialsProvider());
    }

    public List<Credentials> getCredentials() {
        return credentials;
    }
}
