package io.jenkins.plugins.ephemeral.pipeline;

import hudson.util.FormValidation;

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

    static FormValidation required(String parameter, String value) {
        return value == null || value.isBlank()
                ? FormValidation.error(parameter + " is required")
                : FormValidation.ok();
    }
}
