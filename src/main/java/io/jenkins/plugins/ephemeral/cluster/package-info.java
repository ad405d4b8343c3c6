/** Access to Kubernetes clusters: requests, their limiter and retry classes, watches, apply and delete, diagnosis of Pods. */
package io.jenkins.plugins.ephemeral.cluster;
