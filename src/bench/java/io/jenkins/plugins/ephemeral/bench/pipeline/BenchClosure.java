package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.Block;
import com.cloudbees.groovy.cps.Env;
import com.cloudbees.groovy.cps.impl.CpsClosure;
import java.util.List;
import org.codehaus.groovy.runtime.InvokerHelper;

/** A closure of a program. What Groovy gives to every object is, inside a program, the step of that name. */
public final class BenchClosure extends CpsClosure {
    private static final long serialVersionUID = 1L;

    public BenchClosure(Object owner, Object thisObject, List<String> parameters, Block body, Env capture) {
        super(owner, thisObject, parameters, body, capture);
    }

    public Object sleep(long time) {
        return InvokerHelper.invokeMethod(getOwner(), "sleep", time);
    }

    public void println(Object value) {
        InvokerHelper.invokeMethod(getOwner(), "println", value);
    }
}
