package org.jenkinsci.plugins.workflow.steps;

import java.util.List;
import java.util.stream.Collectors;

/** Stand-in: a step needs an object that no block around it provides. */
public class MissingContextVariableException extends Exception {
    private static final long serialVersionUID = 1L;
    private final Class<?> type;
    private final String functionName;

    public MissingContextVariableException(Class<?> type) {
        this(type, null);
    }

    public MissingContextVariableException(Class<?> type, StepDescriptor descriptor) {
        this.type = type;
        this.functionName = descriptor == null ? null : descriptor.getFunctionName();
    }

    public Class<?> getType() {
        return type;
    }

    public List<StepDescriptor> getProviders() {
        return StepDescriptor.all().stream()
                .filter(d -> d.getProvidedContext().contains(type))
                .toList();
    }

    @Override
    public String getMessage() {
        String missing = "Required context " + type + " is missing";
        String providers = getProviders().stream()
                .map(StepDescriptor::getFunctionName)
                .sorted()
                .collect(Collectors.joining(", "));
        String step = functionName == null ? "" : functionName + " ";
        return providers.isEmpty()
                ? missing
                : missing + "\nPerhaps you forgot to surround the " + step
                        + "step with a step that provides this, such as: " + providers;
    }
}
