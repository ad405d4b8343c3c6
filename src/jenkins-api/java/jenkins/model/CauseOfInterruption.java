package jenkins.model;

import hudson.model.TaskListener;
import hudson.model.User;
import java.io.Serializable;
import java.util.Objects;

/** Stand-in: why a program was interrupted. */
public abstract class CauseOfInterruption implements Serializable {
    private static final long serialVersionUID = 1L;

    public abstract String getShortDescription();

    public void print(TaskListener listener) {
        listener.getLogger().println(getShortDescription());
    }

    /** A person did it. */
    public static final class UserInterruption extends CauseOfInterruption {
        private static final long serialVersionUID = 1L;
        private final String user;

        public UserInterruption(User user) {
            this(user.getId());
        }

        public UserInterruption(String userId) {
            this.user = userId;
        }

        public String getUserId() {
            return user;
        }

        @Override
        public String getShortDescription() {
            return "Aborted by " + user;
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof UserInterruption other && Objects.equals(user, other.user);
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(user);
        }
    }
}
