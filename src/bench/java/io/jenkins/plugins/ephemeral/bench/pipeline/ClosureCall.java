package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.Block;
import com.cloudbees.groovy.cps.Continuation;
import com.cloudbees.groovy.cps.Env;
import com.cloudbees.groovy.cps.Next;
import com.cloudbees.groovy.cps.impl.CpsCallableInvocation;
import groovy.lang.Closure;

/** A program that calls one closure. */
final class ClosureCall implements Block {
    private static final long serialVersionUID = 1L;
    private final Closure<?> closure;

    ClosureCall(Closure<?> closure) {
        this.closure = closure;
    }

    @Override
    public Next eval(Env e, Continuation k) {
        try {
            return k.receive(closure.call());
        } catch (CpsCallableInvocation call) {
            return call.invoke(e, null, k);
        }
    }
}
