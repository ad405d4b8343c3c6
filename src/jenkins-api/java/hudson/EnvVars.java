package hudson;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stand-in: environment variables; names differ by more than case. */
public class EnvVars extends TreeMap<String, String> {
    private static final long serialVersionUID = 1L;
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{([A-Za-z0-9_.]+)\\}|([A-Za-z0-9_]+)|(\\$))");

    public EnvVars() {
        super(String.CASE_INSENSITIVE_ORDER);
    }

    public EnvVars(Map<String, String> m) {
        this();
        putAll(m);
    }

    public EnvVars(EnvVars m) {
        this((Map<String, String>) m);
    }

    public EnvVars(String... keyValuePairs) {
        this();
        if (keyValuePairs.length % 2 != 0) {
            throw new IllegalArgumentException(String.join(",", keyValuePairs));
        }
        for (int i = 0; i < keyValuePairs.length; i += 2) {
            put(keyValuePairs[i], keyValuePairs[i + 1]);
        }
    }

    /** Sets; an empty or null value removes; {@code PATH+X} prepends to {@code PATH}. */
    public void override(String key, String value) {
        if (value == null || value.isEmpty()) {
            remove(key);
            return;
        }
        int plus = key.indexOf('+');
        if (plus > 0) {
            String real = key.substring(0, plus);
            String before = get(real);
            put(real, before == null ? value : value + java.io.File.pathSeparator + before);
            return;
        }
        put(key, value);
    }

    public EnvVars overrideAll(Map<String, String> all) {
        all.forEach(this::override);
        return this;
    }

    /** As {@link #overrideAll}, with variables of this set expanded in the values. */
    public EnvVars overrideExpandingAll(Map<String, String> all) {
        TreeMap<String, String> left = new TreeMap<>(all);
        while (!left.isEmpty()) {
            overrideExpanding(left.firstKey(), left);
        }
        return this;
    }

    /** What a value refers to comes first, so that {@code A=$B} sees the new B. */
    private void overrideExpanding(String key, TreeMap<String, String> left) {
        String value = left.remove(key);
        Matcher m = VARIABLE.matcher(value);
        while (m.find()) {
            String name = m.group(1) != null ? m.group(1) : m.group(2);
            if (name != null && left.containsKey(name)) {
                overrideExpanding(name, left);
            }
        }
        override(key, expand(value));
    }

    public String get(String key, String defaultValue) {
        return getOrDefault(key, defaultValue);
    }

    public void putIfNotNull(String key, String value) {
        if (value != null) {
            put(key, value);
        }
    }

    /** Replaces {@code $X} and {@code ${X}}; unknown ones stay. */
    public String expand(String s) {
        if (s == null) {
            return null;
        }
        Matcher m = VARIABLE.matcher(s);
        StringBuilder out = new StringBuilder();
        while (m.find()) {
            String name = m.group(1) != null ? m.group(1) : m.group(2);
            String value = name == null ? "$" : getOrDefault(name, m.group());
            m.appendReplacement(out, Matcher.quoteReplacement(value));
        }
        return m.appendTail(out).toString();
    }
}
