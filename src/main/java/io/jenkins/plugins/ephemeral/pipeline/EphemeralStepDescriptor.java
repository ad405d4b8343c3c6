package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import net.sf.json.JSONObject;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.kohsuke.stapler.StaplerRequest2;

/**
 * What the descriptors of our steps share. They require neither {@code FilePath} nor {@code Launcher}: no build agent
 * is held, and Declarative takes the block in {@code options}.
 */
abstract class EphemeralStepDescriptor extends StepDescriptor {
    @Override
    public Set<? extends Class<?>> getRequiredContext() {
        return Set.of(Run.class, TaskListener.class, FlowNode.class);
    }

    /**
     * The parameters that are maps or lists, with how the text of their form field gets into a step. A form can only
     * send text for them: {@code key=value} or an item per line.
     */
    Map<String, BiConsumer<Step, String>> textFields() {
        return Map.of();
    }

    @Override
    public Step newInstance(@CheckForNull StaplerRequest2 req, @NonNull JSONObject formData) throws FormException {
        JSONObject plain = new JSONObject();
        for (Object property : formData.entrySet()) {
            String key = String.valueOf(((Map.Entry<?, ?>) property).getKey());
            Object value = ((Map.Entry<?, ?>) property).getValue();
            boolean leftOut = value instanceof String && ((String) value).isBlank();
            if (!leftOut && !textFields().containsKey(key)) {
                plain.put(key, value);
            }
        }
        Step step = super.newInstance(req, plain);
        for (Map.Entry<String, BiConsumer<Step, String>> field : textFields().entrySet()) {
            String text = formData.optString(field.getKey(), "");
            if (!text.isBlank()) {
                try {
                    field.getValue().accept(step, text);
                } catch (IllegalArgumentException e) {
                    throw new FormException(e.getMessage(), e, field.getKey());
                }
            }
        }
        return step;
    }
}
