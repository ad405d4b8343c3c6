package jenkins.scm.api;

import java.io.Serializable;
import java.util.Objects;

/** Stand-in: where a head comes from. */
public abstract class SCMHeadOrigin implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The repository itself. */
    public static final Default DEFAULT = new Default();

    @Override
    public abstract boolean equals(Object o);

    @Override
    public abstract int hashCode();

    @Override
    public abstract String toString();

    /** The repository itself. */
    public static final class Default extends SCMHeadOrigin {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean equals(Object o) {
            return o instanceof Default;
        }

        @Override
        public int hashCode() {
            return 1;
        }

        @Override
        public String toString() {
            return "Default";
        }
    }

    /** A fork of it. */
    public static class Fork extends SCMHeadOrigin {
        private static final long serialVersionUID = 1L;
        private final String name;

        public Fork(String name) {
            this.name = name;
        }

        public String getName() {
            return name;
        }

        @Override
        public boolean equals(Object o) {
            return o != null && getClass() == o.getClass() && name.equals(((Fork) o).name);
        }

        @Override
        public int hashCode() {
            return Objects.hash(name);
        }

        @Override
        public String toString() {
            return "Fork{" + name + '}';
        }
    }
}
