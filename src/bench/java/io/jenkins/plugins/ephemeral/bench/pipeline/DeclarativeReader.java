package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;
import org.codehaus.groovy.syntax.SyntaxException;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;

/** Reads directives and says, with the line, what is wrong with them. */
final class DeclarativeReader {
    private final SourceUnit source;

    DeclarativeReader(SourceUnit source) {
        this.source = source;
    }

    SourceUnit source() {
        return source;
    }

    /** The directives of a section by name; unknown and repeated ones are errors. */
    Map<String, Directive> section(Directive section, Set<String> known, String unknown) {
        Map<String, Directive> found = new LinkedHashMap<>();
        for (Directive c : calls(section)) {
            if (!known.contains(c.name())) {
                error(c.at(), String.format(unknown, c.name()));
            } else if (found.put(c.name(), c) != null) {
                error(c.at(), "Multiple occurrences of the " + c.name() + " section");
            }
        }
        return found;
    }

    List<Directive> calls(Directive section) {
        List<Directive> all = new ArrayList<>();
        if (section.block() == null) {
            error(section.at(), "Expected a block for " + section.name());
            return all;
        }
        for (Statement s : Directive.statements(section.block().getCode())) {
            Directive c = Directive.of(s);
            if (c == null) {
                error(s, "Expected a step");
            } else {
                all.add(c);
            }
        }
        return all;
    }

    void error(ASTNode at, String message) {
        source.getErrorCollector()
                .addErrorAndContinue(new SyntaxErrorMessage(
                        new SyntaxException(message, at.getLineNumber(), at.getColumnNumber()), source));
    }

    /** Steps are calls, and the parameters of those that are known exist. */
    void checkSteps(Directive block) {
        for (Directive c : calls(block)) {
            StepDescriptor d = StepDescriptor.byFunctionName(c.name());
            if (d == null || d.clazz == ParallelStep.class) {
                continue;
            }
            if (!c.arguments().isEmpty() && c.arguments().get(0) instanceof MapExpression map) {
                Set<String> known = DataBinding.of(d.clazz).parameterNames();
                map.getMapEntryExpressions().stream()
                        .map(e -> e.getKeyExpression().getText())
                        .filter(key -> !known.contains(key))
                        .forEach(key ->
                                error(c.at(), "Invalid parameter \"" + key + "\", did you mean one of " + known));
            }
            if (c.block() != null && !c.name().equals("script")) {
                checkSteps(c);
            }
        }
    }
}
