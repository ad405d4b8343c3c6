package hudson.scm;

/** Stand-in: where a job's sources are. */
public abstract class SCM {
    public String getKey() {
        return getClass().getName();
    }
}
