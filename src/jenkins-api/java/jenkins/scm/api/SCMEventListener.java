package jenkins.scm.api;

import hudson.ExtensionPoint;

/** Stand-in: told about events. */
public class SCMEventListener implements ExtensionPoint {
    public void onSCMHeadEvent(SCMHeadEvent<?> event) {}
}
