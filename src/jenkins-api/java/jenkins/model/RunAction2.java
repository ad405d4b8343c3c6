package jenkins.model;

import hudson.model.Action;
import hudson.model.Run;

/** Stand-in: an action that knows its build, also after loading. */
public interface RunAction2 extends Action {
    void onAttached(Run<?, ?> r);

    void onLoad(Run<?, ?> r);
}
