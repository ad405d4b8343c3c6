/**
 * A Kubernetes API server inside the test's JVM: storage, server-side apply, access control, namespaces, Jobs, and Pods run as
 * local processes. It is written from the API's documentation and from what a real server answered, never from the
 * plugin's own types, and the conformance suite runs unchanged against it and against a real cluster: what is not in that
 * suite must not be relied on.
 */
package io.jenkins.plugins.ephemeral.bench.kube;
