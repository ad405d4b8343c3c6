package com.cloudbees.plugins.credentials.common;

/** Stand-in: a name and a password with id and description. */
public interface StandardUsernamePasswordCredentials extends StandardCredentials, UsernamePasswordCredentials {}
