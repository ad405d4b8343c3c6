package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.RunRef;

/** What Jenkins knows of builds and jobs. Asked on engine threads only; implemented by the Jenkins edge. */
public interface Builds {
    /** Where a build is in its life. */
    enum Run {
        /** It runs, or is about to resume. */
        RUNNING,
        /** It has ended, or is gone with its job. */
        OVER,
        /** It cannot be said just now. */
        UNKNOWN
    }

    /** Where a job is in its life. */
    enum Job {
        /** It can be built. */
        ALIVE,
        /** Its branch or pull request is gone; the job is only kept for its history. */
        DEAD,
        /** There is no such job. */
        GONE,
        /** It cannot be said just now. */
        UNKNOWN
    }

    /** Where nothing can be asked: nothing is concluded. */
    Builds UNKNOWN = new Builds() {
        @Override
        public Run state(RunRef run) {
            return Run.UNKNOWN;
        }

        @Override
        public Job job(String fullName) {
            return Job.UNKNOWN;
        }

        @Override
        public void abort(RunRef run, RunRef by) {}
    };

    /** Where a build is. */
    Run state(RunRef run);

    /** Where a job is, by its full name. */
    Job job(String fullName);

    /** Aborts a build; returns at once. Does nothing if it is over. */
    void abort(RunRef run, RunRef by);
}
