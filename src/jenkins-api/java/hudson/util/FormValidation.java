package hudson.util;

import java.io.IOException;
import java.util.Collection;
import java.util.stream.Collectors;

/** Stand-in: what a form field's check answers. */
public abstract class FormValidation extends IOException {
    private static final long serialVersionUID = 1L;
    public final Kind kind;

    private FormValidation(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** How bad it is. */
    public enum Kind {
        OK,
        WARNING,
        ERROR
    }

    public abstract String renderHtml();

    public static FormValidation validatePositiveInteger(String value) {
        try {
            return Integer.parseInt(value) > 0 ? ok() : error("Not a positive number");
        } catch (NumberFormatException e) {
            return error("Not a number");
        }
    }

    public static FormValidation ok() {
        return make(Kind.OK, null);
    }

    public static FormValidation ok(String message) {
        return make(Kind.OK, message);
    }

    public static FormValidation ok(String format, Object... args) {
        return make(Kind.OK, String.format(format, args));
    }

    public static FormValidation warning(String message) {
        return make(Kind.WARNING, message);
    }

    public static FormValidation warning(String format, Object... args) {
        return make(Kind.WARNING, String.format(format, args));
    }

    public static FormValidation warning(Throwable e, String message) {
        return make(Kind.WARNING, message);
    }

    public static FormValidation error(String message) {
        return make(Kind.ERROR, message);
    }

    public static FormValidation error(String format, Object... args) {
        return make(Kind.ERROR, String.format(format, args));
    }

    public static FormValidation error(Throwable e, String message) {
        return make(Kind.ERROR, message);
    }

    public static FormValidation validateRequired(String value) {
        return value == null || value.isBlank() ? error("This field is required") : ok();
    }

    /** The worst of all, with all messages. */
    public static FormValidation aggregate(Collection<FormValidation> validations) {
        Kind worst = Kind.OK;
        for (FormValidation v : validations) {
            worst = v.kind.compareTo(worst) > 0 ? v.kind : worst;
        }
        return make(
                worst,
                validations.stream()
                        .map(Throwable::getMessage)
                        .filter(m -> m != null)
                        .collect(Collectors.joining("\n")));
    }

    private static FormValidation make(Kind kind, String message) {
        return new FormValidation(kind, message) {
            private static final long serialVersionUID = 1L;

            @Override
            public String renderHtml() {
                return getMessage() == null
                        ? "<div/>"
                        : "<div class=" + kind.name().toLowerCase(java.util.Locale.ROOT) + ">"
                                + getMessage()
                                        .replace("&", "&amp;")
                                        .replace("<", "&lt;")
                                        .replace("\n", "<br>")
                                + "</div>";
            }
        };
    }
}
