package jenkins.model;

import hudson.model.Item;
import hudson.model.Job;
import hudson.model.Queue;
import hudson.model.Run;

/** Stand-in: holder of the interface of jobs that can be disabled. */
public abstract class ParameterizedJobMixIn<
        JobT extends Job<JobT, RunT> & ParameterizedJobMixIn.ParameterizedJob<JobT, RunT>,
        RunT extends Run<JobT, RunT> & Queue.Executable> {
    /** A job with parameters. */
    public interface ParameterizedJob<
                    JobT extends Job<JobT, RunT> & ParameterizedJob<JobT, RunT>,
                    RunT extends Run<JobT, RunT> & Queue.Executable>
            extends Item {
        default boolean isDisabled() {
            return false;
        }
    }
}
