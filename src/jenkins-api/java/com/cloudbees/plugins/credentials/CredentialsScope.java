package com.cloudbees.plugins.credentials;

/** Stand-in: where credentials may be used. */
public enum CredentialsScope {
    SYSTEM,
    GLOBAL,
    USER
}
