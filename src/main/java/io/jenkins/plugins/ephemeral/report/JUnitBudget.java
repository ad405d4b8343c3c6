package io.jenkins.plugins.ephemeral.report;

import java.util.ArrayList;
import java.util.List;

/**
 * How much of the test reports of one run is kept, over all its files: a report is read whole at each change, and what
 * writes it is not trusted. What is beyond is counted and not kept; failed cases have a share of their own.
 */
public final class JUnitBudget {
    /** How many suites are kept apart; the others are counted as one. */
    static final int MAX_SUITES = 1000;

    /** How many cases are kept, failed or not. */
    static final int MAX_CASES = 20_000;

    /** How many failed cases are kept beyond these. */
    static final int MAX_FAILED = 2_000;

    /** How many characters all texts of cases may have. */
    static final long MAX_CHARS = 4_000_000;

    /** How many of them what cases printed may take: the rest is for names and messages. */
    static final long MAX_PRINTED = 3_000_000;

    private int suites;
    private int cases;
    private int failed;
    private long chars;
    private long casesOmitted;
    private long suitesMerged;
    private long textsOmitted;

    boolean takesSuite() {
        if (suites >= MAX_SUITES) {
            suitesMerged++;
            return false;
        }
        suites++;
        return true;
    }

    /** Whether a case is kept; what it printed may be taken off it. */
    boolean takesCase(WorkflowEntry.Case test, boolean bad) {
        boolean room = cases < MAX_CASES;
        boolean reserve = bad && failed < MAX_FAILED;
        long names = length(test.className) + length(test.name) + length(test.message);
        if (!room && !reserve || chars + names > MAX_CHARS) {
            casesOmitted++;
            return false;
        }
        long printed = length(test.details) + length(test.output);
        if (chars + names + printed > MAX_PRINTED) {
            test.details = null;
            test.output = null;
            textsOmitted++;
            printed = 0;
        }
        chars += names + printed;
        cases += room ? 1 : 0;
        failed += room ? 0 : 1;
        return true;
    }

    private static long length(String text) {
        return text == null ? 0 : text.length();
    }

    /** What was not kept, a sentence each. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (suitesMerged > 0) {
            notes.add(suitesMerged + " test suites beyond " + MAX_SUITES + " are counted as one.");
        }
        if (casesOmitted > 0) {
            notes.add(casesOmitted + " test cases are counted and not listed: the run has too many, or too long ones.");
        }
        if (textsOmitted > 0) {
            notes.add("What " + textsOmitted + " test cases printed is not kept: all together it is too much.");
        }
        return notes;
    }
}
