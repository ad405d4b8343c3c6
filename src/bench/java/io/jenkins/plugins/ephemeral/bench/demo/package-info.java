/** The demo: a Jenkinsfile on an embedded or a real cluster, and the build page as a static file. */
package io.jenkins.plugins.ephemeral.bench.demo;
