package io.jenkins.plugins.ephemeral.build;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tags that Jenkins has, with their attributes: {@code jelly-tags.tsv}. */
final class JellyTags {
    /** By {@code uri + " " + tag}: the attributes, each with its flag. */
    private final Map<String, Map<String, String>> attributesByTag = new HashMap<>();

    /** @return the table of this project */
    static JellyTags read() throws IOException {
        JellyTags tags = new JellyTags();
        for (String[] row : rows("jelly-tags.tsv")) {
            Map<String, String> attributes =
                    tags.attributesByTag.computeIfAbsent(row[0] + " " + row[1], tag -> new HashMap<>());
            if (!row[2].isEmpty()) {
                attributes.put(row[2], row.length > 3 ? row[3] : "");
            }
        }
        return tags;
    }

    /**
     * @param element a tag with a taglib's namespace
     * @return what is wrong with the tag and its attributes; empty if nothing is
     */
    List<String> problems(JellyElement element) {
        Map<String, String> known = attributesByTag.get(element.uri() + " " + element.name());
        if (known == null) {
            return List.of("no tag <" + element.name() + "> in " + element.uri() + " as jelly-tags.tsv has it");
        }
        List<String> problems = new ArrayList<>();
        for (String attribute : element.attributes().keySet()) {
            String flag = known.get(attribute);
            if (flag == null) {
                problems.add("<" + element.name() + "> has no attribute " + attribute);
            } else if (flag.equals("deprecated")) {
                problems.add("attribute " + attribute + " of <" + element.name() + "> is deprecated");
            }
        }
        known.forEach((attribute, flag) -> {
            if (flag.equals("required") && !element.attributes().containsKey(attribute)) {
                problems.add("<" + element.name() + "> needs the attribute " + attribute);
            }
        });
        return problems;
    }

    /**
     * @param resource a tab-separated file beside this class; lines that begin with {@code #} are comments
     * @return its rows, trailing empty columns kept
     */
    static List<String[]> rows(String resource) throws IOException {
        try (InputStream in = JellyTags.class.getResourceAsStream(resource);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .toList();
        }
    }
}
