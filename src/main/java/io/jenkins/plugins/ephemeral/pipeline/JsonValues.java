package io.jenkins.plugins.ephemeral.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Maps with maps and lists in them: Groovy values in a Jenkinsfile, JSON on a form. */
final class JsonValues {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonValues() {}

    /** Copies what a program gives (GString and the like) to maps, lists, texts, numbers, booleans and null. */
    static Map<String, Object> plain(Map<?, ?> map) {
        Map<String, Object> plain = new LinkedHashMap<>();
        map.forEach((key, value) -> plain.put(String.valueOf(key), plainValue(value)));
        return plain;
    }

    private static Object plainValue(Object value) {
        if (value instanceof Map) {
            return plain((Map<?, ?>) value);
        }
        if (value instanceof Iterable) {
            List<Object> list = new ArrayList<>();
            ((Iterable<?>) value).forEach(element -> list.add(plainValue(element)));
            return list;
        }
        return value == null || value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
    }

    /** Reads the JSON of a form field; a refusal does not quote it. */
    static Map<String, Object> read(String parameter, String text) {
        try {
            return JSON.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(parameter + ": it is not a JSON object");
        }
    }

    /** Writes the JSON of a form field. */
    static String write(@CheckForNull Map<?, ?> map) {
        if (map == null) {
            return "";
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(plain(map));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
