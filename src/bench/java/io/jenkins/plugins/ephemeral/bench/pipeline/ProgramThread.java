package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.Outcome;
import java.io.Serializable;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/** One line of execution of a program. Touched by the program's own thread only. */
final class ProgramThread implements Serializable {
    private static final long serialVersionUID = 1L;
    final int id;
    final Continuable program;
    final ProgramThread parent;
    final BlockBody body;
    final ContextObjects context;
    /** What to go on with; null while a step is awaited. */
    Outcome pending;
    /** The step that is awaited, and its execution. */
    StepHandle waiting;

    StepExecution step;

    ProgramThread(int id, Continuable program, ProgramThread parent, BlockBody body, ContextObjects context) {
        this.id = id;
        this.program = program;
        this.parent = parent;
        this.body = body;
        this.context = context;
    }

    /** Whether this runs {@code outer} or something called in it; everything is inside of null. */
    boolean isInside(BlockBody outer) {
        for (ProgramThread t = this; t != null; t = t.parent) {
            if (outer == null || t.body == outer) {
                return true;
            }
        }
        return false;
    }
}
