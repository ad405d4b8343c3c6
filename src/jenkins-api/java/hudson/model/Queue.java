package hudson.model;

/** Stand-in: holder of the interface that runs of programs implement. */
public class Queue {
    /** Something that an executor runs. */
    public interface Executable extends Runnable {
        @Override
        void run();
    }
}
