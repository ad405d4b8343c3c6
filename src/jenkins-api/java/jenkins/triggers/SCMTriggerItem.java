package jenkins.triggers;

import hudson.model.Item;
import hudson.scm.SCM;
import java.util.Collection;

/** Stand-in: a job that knows its SCMs. */
public interface SCMTriggerItem {
    Item asItem();

    Collection<? extends SCM> getSCMs();

    final class SCMTriggerItems {
        private SCMTriggerItems() {}

        public static SCMTriggerItem asSCMTriggerItem(Item item) {
            return item instanceof SCMTriggerItem ? (SCMTriggerItem) item : null;
        }
    }
}
