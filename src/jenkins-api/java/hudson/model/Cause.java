package hudson.model;

import java.util.Objects;

/** Stand-in: why a build was started. */
public abstract class Cause {
    public abstract String getShortDescription();

    public void print(TaskListener listener) {
        listener.getLogger().println(getShortDescription());
    }

    /** A person did it. */
    public static class UserIdCause extends Cause {
        private final String userId;

        public UserIdCause() {
            this(null);
        }

        public UserIdCause(String userId) {
            this.userId = userId;
        }

        public String getUserId() {
            return userId;
        }

        @Override
        public String getShortDescription() {
            return "Started by user " + (userId == null ? "anonymous" : userId);
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof UserIdCause other && Objects.equals(userId, other.userId);
        }

        @Override
        public int hashCode() {
            return Objects.hashCode(userId);
        }
    }
}
