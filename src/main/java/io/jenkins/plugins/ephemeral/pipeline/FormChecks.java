package io.jenkins.plugins.ephemeral.pipeline;

import hudson.util.FormValidation;
import hudson.util.ListBoxModel;

/** Checks of form fields that need nothing but the value: no permission is asked since nothing is looked up. */
final class FormChecks {
    private FormChecks() {}

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
