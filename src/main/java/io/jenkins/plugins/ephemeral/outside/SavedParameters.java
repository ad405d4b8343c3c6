package io.jenkins.plugins.ephemeral.outside;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectStreamException;
import java.io.Serializable;
import java.io.UncheckedIOException;

/**
 * Parameters that are saved with a running program: as a short JSON text of the public fields that are set. That is a
 * fraction of what fields, their names and their collections take in Jenkins' format of programs, and a program that
 * was saved by another version of this plugin finds the defaults of what it knows nothing of, not nulls. Subclasses
 * have public fields and a constructor without arguments.
 */
public abstract class SavedParameters implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.PUBLIC_ONLY)
            .addMixIn(SavedParameters.class, OnlyWhatIsSet.class)
            .build();

    /** Compares with the defaults of the class, so that a {@code false} is kept where the default is {@code true}. */
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    private interface OnlyWhatIsSet {}

    /** What is written instead. */
    protected final Object writeReplace() {
        try {
            return new Text(getClass().getName(), JSON.writeValueAsString(this));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The saved form. */
    private static final class Text implements Serializable {
        private static final long serialVersionUID = 1L;

        private final String type;
        private final String json;

        Text(String type, String json) {
            this.type = type;
            this.json = json;
        }

        private Object readResolve() throws ObjectStreamException {
            try {
                Class<?> known = Class.forName(type, false, SavedParameters.class.getClassLoader());
                return JSON.readValue(json, known.asSubclass(SavedParameters.class));
            } catch (IOException | ClassNotFoundException | ClassCastException e) {
                InvalidObjectException invalid = new InvalidObjectException(
                        "the saved parameters " + type + " cannot be read: " + e.getMessage());
                invalid.initCause(e);
                throw invalid;
            }
        }
    }
}
