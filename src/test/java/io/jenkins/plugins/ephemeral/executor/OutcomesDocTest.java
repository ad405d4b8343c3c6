package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;

/** docs/support.md says of each outcome what its tests start from, and it is so. */
public class OutcomesDocTest {
    private static final Path RECORDS = Path.of("src/test/resources/executor");
    private static final Pattern ROW = Pattern.compile("^\\| `([A-Z_]+)` \\| (\\w+) \\| (.+) \\| (.+) \\|$");

    private static Map<Outcome, Matcher> rows() throws IOException {
        Map<Outcome, Matcher> rows = new EnumMap<>(Outcome.class);
        for (String line : Files.readAllLines(Path.of("docs/support.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertThat(rows.put(Outcome.valueOf(row.group(1)), row))
                        .as(line)
                        .isNull();
            }
        }
        return rows;
    }

    /** Names of the cases that a test ends with that outcome. */
    private static Set<String> cases(Outcome outcome) {
        Collection<Object[]> outcomes = RecordedOutcomesTest.table();
        return Stream.concat(
                        outcomes.stream().filter(row -> row[3] == outcome).map(row -> (String) row[0]),
                        RecordedAnswersTest.table().stream()
                                .filter(row -> row[2] == outcome)
                                .map(row -> (String) row[0]))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    public void eachOutcomeHasItsRowAndVerdict() throws IOException {
        Map<Outcome, Matcher> rows = rows();
        assertThat(rows.keySet()).containsExactlyInAnyOrder(Outcome.values());
        rows.forEach((outcome, row) -> assertThat(row.group(2))
                .as(outcome.name())
                .isEqualTo(outcome.verdict().name().toLowerCase(Locale.ROOT)));
    }

    @Test
    public void whatIsCalledRecordedIsSo() throws IOException {
        for (Map.Entry<Outcome, Matcher> row : rows().entrySet()) {
            String from = row.getValue().group(4);
            Set<String> cases = cases(row.getKey());
            assertThat(cases.stream().anyMatch(each -> !each.startsWith(Recorded.NEWER)))
                    .as("%s is called '%s' and has %s", row.getKey(), from, cases)
                    .isEqualTo(from.startsWith("recorded"));
            assertThat(cases.stream().anyMatch(each -> each.startsWith(Recorded.NEWER)))
                    .as("%s is called '%s' and has %s", row.getKey(), from, cases)
                    .isEqualTo(from.contains("newer") || from.contains("source"));
            assertThat(from.startsWith("runs") || from.startsWith("made by hand"))
                    .as("%s is called '%s'", row.getKey(), from)
                    .isEqualTo(cases.isEmpty());
        }
    }

    @Test
    public void eachRecordIsUsedAndItsOriginNoted() throws IOException {
        Set<String> used = new TreeSet<>();
        RecordedOutcomesTest.table().forEach(row -> used.add((String) row[0]));
        RecordedAnswersTest.table().forEach(row -> used.add((String) row[0]));
        used.add("recreated"); // two Jobs, one after the other: HandMadeOutcomesTest
        String readme = Files.readString(RECORDS.resolve("README.md"));
        Set<String> there = new TreeSet<>();
        try (Stream<Path> files = Files.list(RECORDS)) {
            files.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> !Recorded.NEWER.startsWith(name))
                    .forEach(there::add);
        }
        try (Stream<Path> files = Files.list(RECORDS.resolve(Recorded.NEWER))) {
            files.map(file -> file.getFileName().toString().replace(".json", ""))
                    .forEach(name -> {
                        JsonNode record = Recorded.read(Recorded.NEWER + name);
                        assertThat(readme)
                                .contains("| `" + name + "` | "
                                        + record.path("kind").asText() + " | "
                                        + record.path("server").asText() + " | "
                                        + record.path("origin").asText() + " |");
                        assertThat(record.path("kind").asText()).isIn("quoted", "source");
                        assertThat(record.path("origin").asText()).isNotBlank();
                        there.add(Recorded.NEWER + name);
                    });
        }
        assertThat(there).isEqualTo(used);
    }
}
