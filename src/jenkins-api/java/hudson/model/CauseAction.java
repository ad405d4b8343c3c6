package hudson.model;

import java.util.ArrayList;
import java.util.List;

/** Stand-in: keeps the causes of a build. */
public class CauseAction extends InvisibleAction {
    private final ArrayList<Cause> causes = new ArrayList<>();

    public CauseAction(Cause... causes) {
        this.causes.addAll(List.of(causes));
    }

    public List<Cause> getCauses() {
        return List.copyOf(causes);
    }
}
