package com.cloudbees.plugins.credentials.common;

/** Stand-in: credentials with id and description. */
public interface StandardCredentials extends IdCredentials {
    String getDescription();
}
