package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Counts the cases of a JUnit report, as the control plane does for the {@code reports} of an execution. */
final class JunitSummary {
    /** Only this much is looked at to find out whether a file is a report. */
    private static final int LOOK_AT_BYTES = 8 * 1024;

    private JunitSummary() {}

    /** The summary of a file, if it is a report. */
    static Optional<ObjectNode> of(String name, Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        String beginning = new String(content, 0, Math.min(LOOK_AT_BYTES, content.length), StandardCharsets.ISO_8859_1);
        if (!name.endsWith(".xml") || !beginning.contains("<testsuite")) {
            return Optional.empty();
        }
        try {
            return Optional.of(count(content));
        } catch (XMLStreamException e) {
            return Optional.empty();
        }
    }

    private static ObjectNode count(byte[] content) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(content));
        int tests = 0;
        int failed = 0;
        int errored = 0;
        int skipped = 0;
        BigDecimal seconds = BigDecimal.ZERO;
        while (xml.hasNext()) {
            if (xml.next() == XMLStreamReader.START_ELEMENT) {
                switch (xml.getLocalName()) {
                    case "testcase" -> {
                        tests++;
                        seconds = seconds.add(seconds(xml.getAttributeValue(null, "time")));
                    }
                    case "failure" -> failed++;
                    case "error" -> errored++;
                    case "skipped" -> skipped++;
                    default -> {
                        // properties, output and the like do not count
                    }
                }
            }
        }
        return Json.object()
                .put("tests", tests)
                .put("passed", tests - failed - errored - skipped)
                .put("failed", failed)
                .put("skipped", skipped)
                .put("errored", errored)
                .put("duration", seconds.movePointRight(3).longValue());
    }

    /** Some reporters write no time, or one with thousands separators. */
    private static BigDecimal seconds(String time) {
        return time != null && time.matches("\\d+(\\.\\d+)?") ? new BigDecimal(time) : BigDecimal.ZERO;
    }
}
