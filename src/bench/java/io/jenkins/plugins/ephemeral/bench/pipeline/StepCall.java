package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import groovy.lang.GString;
import hudson.model.TaskListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/** Calls a step by its function name, or makes a nested object by its symbol. */
final class StepCall {
    private final Map<String, Object> arguments;
    private final Closure<?> body;

    private StepCall(Map<?, ?> arguments, Closure<?> body) {
        this.arguments = new LinkedHashMap<>();
        arguments.forEach((key, value) -> this.arguments.put(key.toString(), flat(value)));
        this.body = body;
    }

    static Object call(Program program, String name, Object args) {
        StepDescriptor d = StepDescriptor.byFunctionName(name);
        if (d == null) {
            if (DataBinding.hasSymbol(name)) {
                return new DataBinding.Uninstantiated(name, parse(args, false, DataBinding.ANONYMOUS, false).arguments);
            }
            TreeSet<String> known = new TreeSet<>();
            StepDescriptor.all().forEach(each -> known.add(each.getFunctionName()));
            throw new NoSuchMethodError("No such DSL method '" + name + "' found among steps " + known);
        }
        DataBinding model = d.clazz == ParallelStep.class ? null : DataBinding.of(d.clazz);
        StepCall call = model == null
                ? parse(args, false, null, false)
                : parse(args, d.takesImplicitBlockArgument(), model.soleArgument(), model.hasOneParameterOnly());
        if (call.body == null && d.takesImplicitBlockArgument()) {
            throw new IllegalStateException(name + " step must be called with a body");
        }
        program.run.console().println("[Pipeline] " + name);
        ProgramThread thread = program.activeThread();
        BenchNode node =
                program.newNode(name, d.argumentsToString(call.arguments), thread.context.get(BenchNode.class));
        StepHandle handle = new StepHandle(program, thread, node, call.body);
        return call.start(d, model, handle, thread);
    }

    private Object start(StepDescriptor d, DataBinding model, StepHandle handle, ProgramThread thread) {
        boolean synchronous;
        try {
            d.checkContextAvailability(handle);
            Step step = model == null
                    ? new ParallelStep(arguments)
                    : (Step) model.instantiate(arguments, handle.get(TaskListener.class));
            StepExecution execution = step.start(handle);
            thread.step = execution;
            synchronous = execution.start();
        } catch (Exception e) {
            handle.onFailure(e);
            synchronous = true;
        }
        if (!synchronous) {
            Continuable.suspend(d.getFunctionName(), handle);
        }
        thread.step = null;
        if (handle.outcome() == null) {
            handle.onFailure(new AssertionError("Step " + d.getFunctionName() + " claimed to have ended"
                    + " synchronously, but didn't set the result via StepContext.onSuccess/onFailure"));
        }
        if (body != null) {
            handle.left();
        }
        Outcome outcome = handle.outcome();
        if (outcome.isFailure()) {
            throw StepCall.<RuntimeException>sneaky(outcome.getAbnormal());
        }
        return outcome.getNormal();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneaky(Throwable t) throws T {
        throw (T) t;
    }

    /** What Groovy packs into the arguments of a method that it does not know. */
    private static StepCall parse(Object packed, boolean takesBlock, String soleArgument, boolean oneParameterOnly) {
        List<Object> args = packed instanceof Object[] array ? Arrays.asList(array) : List.of(packed);
        Closure<?> block = null;
        if (takesBlock && !args.isEmpty() && args.get(args.size() - 1) instanceof Closure<?> last) {
            block = last;
            args = args.subList(0, args.size() - 1);
        }
        if (args.isEmpty()) {
            return new StepCall(Map.of(), block);
        }
        if (args.size() > 1) {
            throw new IllegalArgumentException("Expected named arguments but got " + args);
        }
        if (args.get(0) instanceof Map<?, ?> map
                && !map.containsKey("$class")
                && (!oneParameterOnly || map.size() == 1 && map.containsKey(soleArgument))) {
            return new StepCall(map, block);
        }
        if (soleArgument == null) {
            throw new IllegalArgumentException("Expected named arguments but got " + args.get(0));
        }
        Map<String, Object> named = new LinkedHashMap<>();
        named.put(soleArgument, args.get(0));
        return new StepCall(named, block);
    }

    /** GStrings become strings, also inside lists and maps; nothing else changes. */
    private static Object flat(Object value) {
        if (value instanceof GString) {
            return value.toString();
        }
        if (value instanceof List<?> list) {
            List<Object> flat = new ArrayList<>();
            list.forEach(each -> flat.add(flat(each)));
            return flat;
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> flat = new LinkedHashMap<>();
            map.forEach((k, v) -> flat.put(flat(k), flat(v)));
            return flat;
        }
        return value;
    }
}
