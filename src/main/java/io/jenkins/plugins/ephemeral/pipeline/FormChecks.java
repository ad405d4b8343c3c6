package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import jenkins.model.Jenkins;

/** Checks of form fields that need nothing but the value; of what is looked up it is asked first who may know it. */
final class FormChecks {
    private FormChecks() {}

    /** Whether the user may see what can be named in a program: who sees the job's configuration, else administrators. */
    static boolean mayConfigure(@CheckForNull Item item) {
        return item == null
                ? Jenkins.get().hasPermission(Jenkins.ADMINISTER)
                : item.hasPermission(Item.EXTENDED_READ) || item.hasPermission(Item.CONFIGURE);
    }

    static FormValidation duration(String parameter, String value) {
        if (value == null || value.isBlank()) {
            return FormValidation.ok();
        }
        try {
            StepValues.duration(parameter, value);
            return FormValidation.ok();
        } catch (IllegalArgumentException e) {
            return FormValidation.error(e.getMessage());
        }
    }

    /** A choice of fixed values, of which the first is the default. */
    static ListBoxModel items(String... values) {
        ListBoxModel items = new ListBoxModel();
        for (String value : values) {
            items.add(value);
        }
        return items;
    }

    static FormValidation required(String parameter, String value) {
        return value == null || value.isBlank()
                ? FormValidation.error(parameter + " is required")
                : FormValidation.ok();
    }
}
