package io.jenkins.plugins.ephemeral.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.Test;

/** Test reports are read as the world writes them, and never trusted. */
public class JUnitReaderTest {
    private static List<WorkflowEntry.Suite> read(String xml) throws IOException {
        return JUnitReader.read(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), "TEST-a.xml");
    }

    @Test
    public void surefireSuite() throws Exception {
        WorkflowEntry.Suite suite = read("<?xml version='1.0'?><testsuite name='OrderApi' time='1.5'>"
                        + "<properties><property name='a' value='b'/></properties>"
                        + "<testcase classname='OrderApi' name='ok' time='0.25'/>"
                        + "<testcase classname='OrderApi' name='bad'><failure message='expected 3' type='AssertionError'>"
                        + "<![CDATA[at OrderApi:7]]></failure><system-out>said</system-out></testcase>"
                        + "<testcase classname='OrderApi' name='broken'><error type='NPE'/></testcase>"
                        + "<testcase classname='OrderApi' name='later'><skipped message='not yet'/></testcase></testsuite>")
                .get(0);

        assertThat(suite.name).isEqualTo("OrderApi");
        assertThat(suite.tests).isEqualTo(4);
        assertThat(suite.failed).isEqualTo(2);
        assertThat(suite.skipped).isEqualTo(1);
        assertThat(suite.durationMillis).isEqualTo(1500);
        assertThat(suite.cases.get(1).message).isEqualTo("expected 3");
        assertThat(suite.cases.get(1).details).isEqualTo("at OrderApi:7");
        assertThat(suite.cases.get(1).output).isEqualTo("said");
        assertThat(suite.cases.get(2).verdict).isEqualTo(Verdict.ERROR);
        assertThat(suite.cases.get(2).message).isEqualTo("NPE");
        assertThat(suite.cases.get(3).verdict).isEqualTo(Verdict.SKIPPED);
        assertThat(suite.cases.get(3).message).isEqualTo("not yet");
    }

    @Test
    public void nestedSuitesKeepTheirPath() throws Exception {
        List<WorkflowEntry.Suite> suites =
                read("<testsuites><testsuite name='outer'><testsuite name='inner'><testcase name='a' time='2'/>"
                        + "</testsuite></testsuite></testsuites>");

        assertThat(suites).hasSize(1);
        assertThat(suites.get(0).name).isEqualTo("outer › inner");
        assertThat(suites.get(0).durationMillis).isEqualTo(2000);
    }

    @Test
    public void otherXmlHoldsNoSuites() throws Exception {
        assertThat(read("<project><testsuite name='x'><testcase name='a'/></testsuite></project>"))
                .isEmpty();
    }

    @Test
    public void externalEntityIsRefused() {
        assertThatThrownBy(() -> read("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><testsuite name='a'>"
                        + "<testcase name='&x;'/></testsuite>"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("TEST-a.xml");
    }

    @Test
    public void entityBombIsRefused() {
        assertThatThrownBy(() -> read("<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><testsuite name='a'>"
                        + "<testcase name='n'><failure>&b;</failure></testcase></testsuite>"))
                .isInstanceOf(IOException.class);
    }

    @Test
    public void truncatedFileSaysSo() {
        assertThatThrownBy(() -> read("<testsuite name='a'><testcase name='b'"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("TEST-a.xml: not a readable test report");
    }

    @Test
    public void tooManyCasesAreLeftOutButCountedAndFailedOnesKept() throws Exception {
        StringBuilder xml = new StringBuilder("<testsuite name='big'>");
        for (int i = 0; i < JUnitReader.MAX_CASES + 10; i++) {
            xml.append("<testcase name='t").append(i).append("'/>");
        }
        xml.append("<testcase name='last'><failure message='m'/></testcase></testsuite>");

        WorkflowEntry.Suite suite = read(xml.toString()).get(0);

        assertThat(suite.tests).isEqualTo(JUnitReader.MAX_CASES + 11);
        assertThat(suite.cases).hasSize(JUnitReader.MAX_CASES);
        assertThat(suite.omittedCases).isEqualTo(11);
        assertThat(suite.cases).anyMatch(test -> test.name.equals("last"));
    }

    @Test
    public void deepNestingIsRefused() {
        assertThatThrownBy(() -> read("<testsuite name='a'>".repeat(100) + "</testsuite>".repeat(100)))
                .hasMessageContaining("nested more than");
    }

    @Test
    public void nonsenseTimesAreZero() {
        assertThat(JUnitReader.millis("NaN")).isZero();
        assertThat(JUnitReader.millis("-3")).isZero();
        assertThat(JUnitReader.millis("1,234.5")).isEqualTo(1_234_500);
        assertThat(JUnitReader.millis("soon")).isZero();
    }

    @Test
    public void whatIsWrittenCanBeReadAgain() throws Exception {
        Report report = new Report();
        WorkflowEntry.Execution execution = Merging.execution(report, "api-junit", "e1");
        execution.verdict = Verdict.FAILED;
        execution.suites.addAll(
                read("<testsuite name='OrderApi'><testcase classname='OrderApi' name='a &lt;script&gt;'/><testcase"
                        + " classname='OrderApi' name='b'><failure message='no'>why</failure></testcase></testsuite>"));
        execution.suites.get(0).cases.get(0).output = "bell \u0007 and \uD83D\uDE00";

        WorkflowEntry.Suite again = JUnitReader.read(new ByteArrayInputStream(JUnitWriter.toXml(report)), "junit.xml")
                .get(0);

        assertThat(again.name).isEqualTo("api-junit.OrderApi");
        assertThat(again.failed).isEqualTo(1);
        assertThat(again.cases.get(0).name).isEqualTo("a <script>");
        assertThat(again.cases.get(0).output).isEqualTo("bell \uFFFD and \uD83D\uDE00");
        assertThat(again.cases.get(1).details).isEqualTo("why");
    }

    private static List<WorkflowEntry.Suite> read(String xml, JUnitBudget budget) throws IOException {
        return JUnitReader.read(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), "TEST-a.xml", budget);
    }

    @Test
    public void suitesBeyondTheLimitAreCountedAsOne() throws Exception {
        JUnitBudget budget = new JUnitBudget();
        String suite = "<testsuite name='s'><testcase name='a'/><testcase name='b'><failure message='no'/></testcase>"
                + "</testsuite>";
        int many = JUnitBudget.MAX_SUITES + 5;
        List<WorkflowEntry.Suite> suites = read("<testsuites>" + suite.repeat(many) + "</testsuites>", budget);

        assertThat(suites).hasSize(JUnitBudget.MAX_SUITES + 1);
        assertThat(suites.stream().mapToInt(each -> each.tests).sum()).isEqualTo(2 * many);
        assertThat(suites.stream().mapToInt(each -> each.failed).sum()).isEqualTo(many);
        assertThat(suites.get(JUnitBudget.MAX_SUITES).name).isEqualTo("more suites");
        assertThat(budget.notes()).containsExactly("5 test suites beyond 1000 are counted as one.");
        assertThat(read(suite, budget)).as("another file of the run").hasSize(1);
        assertThat(budget.notes()).containsExactly("6 test suites beyond 1000 are counted as one.");
    }

    @Test
    public void casesBeyondTheLimitAreCountedAndFailedOnesKeptLongest() throws Exception {
        JUnitBudget budget = new JUnitBudget();
        int passed = JUnitBudget.MAX_CASES / 20 + 1;
        String suite = "<testsuite name='s'>" + "<testcase name='a'/>".repeat(passed) + "</testsuite>";
        List<WorkflowEntry.Suite> suites = new java.util.ArrayList<>();
        for (int i = 0; i < 20; i++) {
            suites.addAll(read(suite, budget));
        }
        suites.addAll(
                read("<testsuite name='t'><testcase name='b'><failure message='no'/></testcase></testsuite>", budget));

        assertThat(suites.stream().mapToInt(each -> each.tests).sum()).isEqualTo(20 * passed + 1);
        assertThat(suites.stream().mapToInt(each -> each.cases.size()).sum()).isEqualTo(JUnitBudget.MAX_CASES + 1);
        assertThat(suites.stream().mapToInt(each -> each.omittedCases).sum()).isEqualTo(20);
        assertThat(suites.get(20).cases.get(0).message).isEqualTo("no");
        assertThat(budget.notes())
                .containsExactly("20 test cases are counted and not listed: the run has too many, or too long ones.");
    }

    @Test
    public void textsOfAllCasesTogetherAreBounded() throws Exception {
        JUnitBudget budget = new JUnitBudget();
        String loud = "<testcase name='" + "n".repeat(5000) + "'><system-out>" + "x".repeat(16_000)
                + "</system-out></testcase>";
        WorkflowEntry.Suite suite = read("<testsuite name='s'>" + loud.repeat(300) + "</testsuite>", budget)
                .get(0);

        assertThat(suite.cases).hasSize(300);
        assertThat(suite.cases.get(0).name).hasSize(JUnitReader.MAX_NAME + "… (cut)".length());
        assertThat(suite.cases.stream()
                        .mapToLong(test -> test.name.length() + (test.output == null ? 0 : test.output.length()))
                        .sum())
                .isLessThanOrEqualTo(JUnitBudget.MAX_CHARS);
        assertThat(budget.notes()).singleElement().asString().matches("What [0-9]+ test cases printed is not kept: .*");
    }
}
