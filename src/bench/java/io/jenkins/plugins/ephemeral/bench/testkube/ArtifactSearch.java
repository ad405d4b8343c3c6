package io.jenkins.plugins.ephemeral.bench.testkube;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the files of an {@code artifacts} step: patterns absolute or below the working directory, {@code *} within and
 * {@code **} across directories. Names are relative to the deepest directory above both the working directory and
 * everything that is searched.
 */
final class ArtifactSearch {
    private final String root;
    private final List<String> patterns = new ArrayList<>();

    ArtifactSearch(String workingDir, Iterable<String> patterns) {
        String common = workingDir;
        for (String pattern : patterns) {
            String absolute = pattern.startsWith("/") ? pattern : workingDir + "/" + pattern;
            this.patterns.add(absolute);
            common = commonDirectory(common, withoutWildcards(absolute));
        }
        root = common;
    }

    private static String withoutWildcards(String pattern) {
        StringBuilder directory = new StringBuilder();
        String[] parts = pattern.substring(1).split("/");
        for (int i = 0; i < parts.length - 1 && !parts[i].matches(".*[*?{\\[].*"); i++) {
            directory.append('/').append(parts[i]);
        }
        return directory.toString();
    }

    private static String commonDirectory(String one, String other) {
        Path common = Path.of("/");
        Path a = Path.of(one);
        Path b = Path.of(other);
        for (int i = 0;
                i < Math.min(a.getNameCount(), b.getNameCount()) && a.getName(i).equals(b.getName(i));
                i++) {
            common = common.resolve(a.getName(i));
        }
        return common.toString();
    }

    String root() {
        return root;
    }

    /** Files by their names as artifacts. */
    Map<String, Path> find(Sandbox sandbox) throws IOException {
        List<Pattern> expressions =
                patterns.stream().map(ArtifactSearch::expression).toList();
        Map<String, Path> found = new LinkedHashMap<>();
        Path top = sandbox.path("/", root);
        if (!Files.isDirectory(top)) {
            return found;
        }
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String path = "/" + sandbox.root().relativize(file);
                if (expressions.stream().anyMatch(e -> e.matcher(path).matches())) {
                    found.put(top.relativize(file).toString(), file);
                }
            }
        }
        return found;
    }

    private static Pattern expression(String glob) {
        StringBuilder expression = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (glob.startsWith("**/", i)) {
                expression.append("(?:.*/)?");
                i += 2;
            } else if (glob.startsWith("**", i)) {
                expression.append(".*");
                i++;
            } else if (c == '*') {
                expression.append("[^/]*");
            } else if (c == '?') {
                expression.append("[^/]");
            } else {
                expression.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(expression.toString());
    }
}
