package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.SecretMask;
import io.jenkins.plugins.ephemeral.report.JUnitBudget;
import io.jenkins.plugins.ephemeral.report.JUnitReader;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Reads the test reports of one run: within one budget for all of them, and with secrets masked as in its log. */
final class TestReports {
    private final JUnitBudget budget = new JUnitBudget();

    /** The suites of one file. */
    List<WorkflowEntry.Suite> read(InputStream in, String name) throws IOException {
        List<WorkflowEntry.Suite> suites = JUnitReader.read(in, name, budget);
        for (WorkflowEntry.Suite suite : suites) {
            suite.name = masked(suite.name);
            for (WorkflowEntry.Case test : suite.cases) {
                test.className = masked(test.className);
                test.name = masked(test.name);
                test.message = masked(test.message);
                test.details = masked(test.details);
                test.output = masked(test.output);
            }
        }
        return suites;
    }

    /** What was not kept, a sentence each. */
    List<String> notes() {
        return budget.notes();
    }

    private static String masked(String text) {
        return text == null ? null : SecretMask.mask(text);
    }
}
