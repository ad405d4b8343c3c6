package io.jenkins.plugins.ephemeral.report;

import java.io.ByteArrayOutputStream;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * The report as JUnit XML, for whoever reads test results in that form: a suite per workflow run and test suite, a
 * suite for the stages. Element and attribute names are those that Ant's JUnit task writes.
 */
final class JUnitWriter {
    private JUnitWriter() {}

    static byte[] toXml(Report report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(bytes, "UTF-8");
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            stages(xml, report);
            for (WorkflowEntry workflow : report.workflows) {
                for (WorkflowEntry.Execution execution : workflow.executions) {
                    execution(xml, workflow, execution);
                }
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("XML of a report could not be written", e);
        }
        return bytes.toByteArray();
    }

    private static void stages(XMLStreamWriter xml, Report report) throws XMLStreamException {
        if (report.stages.isEmpty()) {
            return;
        }
        int bad = 0;
        int skipped = 0;
        for (StageEntry stage : report.stages) {
            bad += isBad(stage.verdict) ? 1 : 0;
            skipped += stage.verdict == Verdict.SKIPPED ? 1 : 0;
        }
        start(xml, "stages", report.stages.size(), bad, skipped);
        for (StageEntry stage : report.stages) {
            long millis = stage.startedAt == null || stage.finishedAt == null
                    ? 0
                    : stage.finishedAt.toEpochMilli() - stage.startedAt.toEpochMilli();
            testcase(xml, "stages", stage.name, millis, stage.verdict, stage.reason, stage.logTail, null);
        }
        xml.writeEndElement();
    }

    private static void execution(XMLStreamWriter xml, WorkflowEntry workflow, WorkflowEntry.Execution execution)
            throws XMLStreamException {
        if (execution.suites.isEmpty()) {
            start(
                    xml,
                    workflow.name,
                    1,
                    isBad(execution.verdict) ? 1 : 0,
                    execution.verdict == Verdict.SKIPPED ? 1 : 0);
            long millis = execution.startedAt == null || execution.finishedAt == null
                    ? 0
                    : execution.finishedAt.toEpochMilli() - execution.startedAt.toEpochMilli();
            testcase(xml, "workflows", workflow.name, millis, execution.verdict, execution.reason, null, null);
            xml.writeEndElement();
            return;
        }
        for (WorkflowEntry.Suite suite : execution.suites) {
            start(xml, workflow.name + '.' + suite.name, suite.cases.size(), suite.failed, suite.skipped);
            for (WorkflowEntry.Case test : suite.cases) {
                String className = test.className == null || test.className.isEmpty() ? suite.name : test.className;
                testcase(
                        xml,
                        workflow.name + '.' + className,
                        test.name,
                        test.durationMillis,
                        test.verdict,
                        test.message,
                        test.details,
                        test.output);
            }
            xml.writeEndElement();
        }
    }

    private static void start(XMLStreamWriter xml, String name, int tests, int failures, int skipped)
            throws XMLStreamException {
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", clean(name));
        xml.writeAttribute("tests", String.valueOf(tests));
        xml.writeAttribute("failures", String.valueOf(failures));
        xml.writeAttribute("errors", "0");
        xml.writeAttribute("skipped", String.valueOf(skipped));
    }

    private static void testcase(
            XMLStreamWriter xml,
            String className,
            String name,
            long millis,
            Verdict verdict,
            String message,
            String details,
            String output)
            throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", clean(className));
        xml.writeAttribute("name", clean(name));
        xml.writeAttribute("time", String.format(Locale.ROOT, "%.3f", millis / 1000.0));
        if (verdict == Verdict.SKIPPED) {
            xml.writeStartElement("skipped");
            attribute(xml, "message", message);
            xml.writeEndElement();
        } else if (isBad(verdict)) {
            xml.writeStartElement("failure");
            attribute(xml, "type", verdict.name());
            attribute(xml, "message", message);
            if (details != null) {
                xml.writeCharacters(clean(details));
            }
            xml.writeEndElement();
        }
        if (output != null) {
            xml.writeStartElement("system-out");
            xml.writeCharacters(clean(output));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static void attribute(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        if (value != null) {
            xml.writeAttribute(name, clean(value));
        }
    }

    private static boolean isBad(Verdict verdict) {
        return verdict == Verdict.FAILED || verdict == Verdict.ERROR || verdict == Verdict.ABORTED;
    }

    /** Programs print what XML 1.0 cannot carry: it is replaced. */
    private static String clean(String text) {
        if (text == null) {
            return "";
        }
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == '\t'
                                || c == '\n'
                                || c == '\r'
                                || c >= 0x20 && c <= 0xD7FF
                                || c >= 0xE000 && c <= 0xFFFD
                                || c >= 0x10000
                        ? c
                        : 0xFFFD)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
