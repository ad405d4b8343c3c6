/** What every room needs to deal with the world outside this process: the three families of error, the gate that all outside calls pass, and the driver that runs reconcilers without holding a thread. Uses no other room. */
package io.jenkins.plugins.ephemeral.outside;
