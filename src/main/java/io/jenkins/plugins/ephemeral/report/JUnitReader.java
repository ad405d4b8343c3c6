package io.jenkins.plugins.ephemeral.report;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads JUnit XML as a stream, in bounded memory and without trust: no DTD, no entities, no more than
 * {@link #MAX_BYTES}. Takes {@code testsuites} and {@code testsuite} roots, nested suites, and what Surefire, Gradle,
 * pytest, Jest and Go's converters write (Ant's JUnit task is the origin of the format; it has no binding schema).
 */
public final class JUnitReader {
    /** How large a file may be. */
    public static final long MAX_BYTES = 64L * 1024 * 1024;

    /** How many cases of a suite are kept; failed ones are kept first, counts stay right. */
    static final int MAX_CASES = 2000;

    /** How many characters of a name are kept. */
    static final int MAX_NAME = 1000;

    /** How many characters of a text (message, details, output) are kept. */
    static final int MAX_TEXT = 16 * 1024;

    private static final int MAX_DEPTH = 64;

    private final String file;
    private final JUnitBudget budget;
    private final List<WorkflowEntry.Suite> suites = new ArrayList<>();
    private WorkflowEntry.Suite others;
    private int depth;

    private JUnitReader(String file, JUnitBudget budget) {
        this.file = file;
        this.budget = budget;
    }

    /**
     * Reads the suites of one file.
     *
     * @param in the file; not closed here
     * @param fileName its name, kept with the suites
     * @return the suites that hold cases, in document order; empty if it is XML of another kind
     * @throws IOException if it is not well-formed, has a DTD, is too large or nested too deeply; the message says which
     */
    public static List<WorkflowEntry.Suite> read(InputStream in, String fileName) throws IOException {
        return read(in, fileName, new JUnitBudget());
    }

    /** As {@link #read(InputStream, String)}, for one file of several that share what is kept. */
    public static List<WorkflowEntry.Suite> read(InputStream in, String fileName, JUnitBudget budget)
            throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        JUnitReader reader = new JUnitReader(fileName, budget);
        try {
            XMLStreamReader xml = factory.createXMLStreamReader(reader.new Bounded(in));
            while (xml.hasNext()) {
                int event = xml.next();
                if (event == XMLStreamConstants.DTD) {
                    throw new IOException(fileName + ": a document type is not allowed in a test report");
                }
                if (event == XMLStreamConstants.START_ELEMENT) {
                    reader.root(xml);
                }
            }
        } catch (XMLStreamException e) {
            if (e.getNestedException() instanceof IOException) {
                throw (IOException) e.getNestedException();
            }
            throw new IOException(fileName + ": not a readable test report: " + firstLine(e.getMessage()), e);
        }
        return reader.suites;
    }

    private void root(XMLStreamReader xml) throws XMLStreamException, IOException {
        String name = xml.getLocalName();
        if (name.equals("testsuite")) {
            suite(xml, "");
        } else if (!name.equals("testsuites")) {
            skip(xml);
        }
    }

    private void suite(XMLStreamReader xml, String outer) throws XMLStreamException, IOException {
        if (++depth > MAX_DEPTH) {
            throw new IOException(file + ": suites are nested more than " + MAX_DEPTH + " deep");
        }
        String own = name(xml, "name");
        WorkflowEntry.Suite suite = new WorkflowEntry.Suite();
        suite.name = outer.isEmpty() || own.startsWith(outer) ? own : outer + " › " + own;
        suite.file = file;
        long declared = millis(attribute(xml, "time", null));
        long summed = 0;
        while (xml.next() != XMLStreamConstants.END_ELEMENT) {
            if (xml.getEventType() == XMLStreamConstants.START_ELEMENT) {
                if (xml.getLocalName().equals("testcase")) {
                    WorkflowEntry.Case test = testcase(xml);
                    summed += test.durationMillis;
                    add(suite, test);
                } else if (xml.getLocalName().equals("testsuite")) {
                    suite(xml, suite.name);
                } else {
                    skip(xml);
                }
            }
        }
        depth--;
        suite.durationMillis = declared > 0 ? declared : summed;
        if (suite.tests > 0) {
            keep(suite);
        }
    }

    /** A suite of its own, or one of those that are counted together. */
    private void keep(WorkflowEntry.Suite suite) {
        if (budget.takesSuite()) {
            suites.add(suite);
            return;
        }
        if (others == null) {
            others = new WorkflowEntry.Suite();
            others.name = "more suites";
            others.file = file;
            suites.add(others);
        }
        others.tests += suite.tests;
        others.failed += suite.failed;
        others.skipped += suite.skipped;
        others.durationMillis += suite.durationMillis;
        others.omittedCases += suite.omittedCases;
        for (WorkflowEntry.Case test : suite.cases) {
            if (others.cases.size() < MAX_CASES) {
                others.cases.add(test);
            } else {
                others.omittedCases++;
            }
        }
    }

    private void add(WorkflowEntry.Suite suite, WorkflowEntry.Case test) {
        suite.tests++;
        boolean bad = test.verdict == Verdict.FAILED || test.verdict == Verdict.ERROR;
        suite.failed += bad ? 1 : 0;
        suite.skipped += test.verdict == Verdict.SKIPPED ? 1 : 0;
        if (!bad && suite.cases.size() >= MAX_CASES || !budget.takesCase(test, bad)) {
            suite.omittedCases++;
            return;
        }
        if (suite.cases.size() >= MAX_CASES) {
            suite.omittedCases++;
            if (!bad || !makeRoom(suite)) {
                return;
            }
        }
        suite.cases.add(test);
    }

    /** A failed case is worth more than a passed one. */
    private static boolean makeRoom(WorkflowEntry.Suite suite) {
        for (int i = suite.cases.size() - 1; i >= 0; i--) {
            if (suite.cases.get(i).verdict == Verdict.PASSED) {
                suite.cases.remove(i);
                return true;
            }
        }
        return false;
    }

    private WorkflowEntry.Case testcase(XMLStreamReader xml) throws XMLStreamException, IOException {
        WorkflowEntry.Case test = new WorkflowEntry.Case();
        test.className = name(xml, "classname");
        test.name = name(xml, "name");
        test.durationMillis = millis(attribute(xml, "time", null));
        test.verdict = Verdict.PASSED;
        while (xml.next() != XMLStreamConstants.END_ELEMENT) {
            if (xml.getEventType() != XMLStreamConstants.START_ELEMENT) {
                continue;
            }
            switch (xml.getLocalName()) {
                case "failure":
                    trouble(xml, test, Verdict.FAILED);
                    break;
                case "error":
                    trouble(xml, test, Verdict.ERROR);
                    break;
                case "skipped":
                    test.message = attribute(xml, "message", null);
                    if (test.verdict == Verdict.PASSED) {
                        test.verdict = Verdict.SKIPPED;
                    }
                    skip(xml);
                    break;
                case "system-out":
                case "system-err":
                    String text = text(xml);
                    test.output = test.output == null ? text : cut(test.output + "\n" + text);
                    break;
                default:
                    skip(xml);
            }
        }
        return test;
    }

    private void trouble(XMLStreamReader xml, WorkflowEntry.Case test, Verdict verdict)
            throws XMLStreamException, IOException {
        test.verdict = verdict;
        String message = attribute(xml, "message", null);
        String type = attribute(xml, "type", null);
        test.message = message == null || message.isEmpty() ? type : message;
        String details = text(xml);
        test.details = details.isBlank() ? null : details;
    }

    /** The text of an element and of what is in it, cut; afterwards the reader is at its end. */
    private String text(XMLStreamReader xml) throws XMLStreamException, IOException {
        StringBuilder text = new StringBuilder();
        int open = 1;
        while (open > 0) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                open++;
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                open--;
            } else if ((event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.CDATA)
                    && text.length() < MAX_TEXT) {
                text.append(xml.getText());
            }
            if (open > MAX_DEPTH) {
                throw new IOException(file + ": elements are nested more than " + MAX_DEPTH + " deep");
            }
        }
        return cut(text.toString());
    }

    private void skip(XMLStreamReader xml) throws XMLStreamException, IOException {
        text(xml);
    }

    private static String name(XMLStreamReader xml, String name) {
        String value = attribute(xml, name, "");
        return value.length() <= MAX_NAME ? value : value.substring(0, MAX_NAME) + "… (cut)";
    }

    private static String attribute(XMLStreamReader xml, String name, String fallback) {
        String value = xml.getAttributeValue(null, name);
        return value == null ? fallback : cut(value);
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "… (cut)";
    }

    /** Seconds as written, thousands separators included; nonsense and negative numbers are 0. */
    static long millis(String seconds) {
        if (seconds == null) {
            return 0;
        }
        try {
            double value = Double.parseDouble(seconds.replace(",", "").trim());
            return Double.isFinite(value) && value > 0 ? Math.round(Math.min(value, 1e9) * 1000) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String firstLine(String text) {
        return text == null ? "" : text.lines().findFirst().orElse("");
    }

    private final class Bounded extends FilterInputStream {
        private long left = MAX_BYTES;

        Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int bytes) throws IOException {
            left -= bytes;
            if (left < 0) {
                throw new IOException(file + ": larger than " + MAX_BYTES / 1024 / 1024 + " MiB");
            }
        }
    }
}
