package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.FilePath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;

/** Writes the sections that a pipeline and a stage have in common, around what is inside of them. */
final class DeclarativeSections {
    static final String RUNTIME = DeclarativeRuntime.class.getName();
    private static final List<String> CONDITIONS = List.of(
            "always",
            "changed",
            "fixed",
            "regression",
            "aborted",
            "failure",
            "success",
            "unstable",
            "unsuccessful",
            "cleanup");
    private static final Set<String> FLAGS = Set.of(
            "skipDefaultCheckout",
            "skipStagesAfterUnstable",
            "parallelsAlwaysFailFast",
            "disableConcurrentBuilds",
            "buildDiscarder",
            "disableResume",
            "newContainerPerStage",
            "preserveStashes",
            "quietPeriod");
    final Map<String, Expression> kept = new HashMap<>();
    private final DeclarativeReader reader;
    private int names;

    DeclarativeSections(DeclarativeReader reader) {
        this.reader = reader;
    }

    /** Keeps an expression of the original; what is returned stands for it in the text. */
    String keep(Expression e) {
        String name = "kept__" + kept.size();
        kept.put(name, e);
        return name;
    }

    String name(String prefix) {
        return prefix + "__" + ++names;
    }

    String agent(Directive agent, String checkout, String body) {
        if (agent == null) {
            return body;
        }
        Expression kind = agent.arguments().get(0);
        if (kind instanceof VariableExpression v && v.getName().equals("none")) {
            return body;
        }
        if (kind instanceof VariableExpression v && v.getName().equals("any")) {
            return "node {\n" + checkout + body + "}\n";
        }
        List<Directive> inner = agent.block() == null ? List.of() : reader.calls(agent);
        if (inner.size() == 1 && inner.get(0).name().equals("label")) {
            return "node(" + keep(inner.get(0).arguments().get(0)) + ") {\n" + checkout + body + "}\n";
        }
        reader.error(agent.at(), "Invalid agent type specified. Must be one of [any, label, none]");
        return body;
    }

    String environment(Directive environment, String body) {
        if (environment == null) {
            return body;
        }
        StringBuilder definitions = new StringBuilder();
        List<String> pairs = new ArrayList<>();
        Map<String, Expression> known = new HashMap<>();
        for (Statement s : Directive.statements(environment.block().getCode())) {
            if (!(s instanceof ExpressionStatement e
                    && e.getExpression() instanceof BinaryExpression b
                    && b.getOperation().getText().equals("=")
                    && b.getLeftExpression() instanceof VariableExpression v)) {
                reader.error(s, "Expected name=value pairs");
                continue;
            }
            String local = name("env");
            Expression value = new Substitution(reader.source(), known).transform(b.getRightExpression());
            definitions
                    .append("def ")
                    .append(local)
                    .append(" = (")
                    .append(keep(value))
                    .append(").toString()\n");
            pairs.add("'" + v.getName() + "=' + " + local);
            known.put(v.getName(), new VariableExpression(local));
        }
        return definitions + "withEnv(" + pairs + ") {\n" + body + "}\n";
    }

    Map<String, Directive> options(Directive options) {
        Map<String, Directive> all = new LinkedHashMap<>();
        for (Directive option : options == null ? List.<Directive>of() : reader.calls(options)) {
            StepDescriptor d = StepDescriptor.byFunctionName(option.name());
            boolean wrapper = d != null
                    && d.takesImplicitBlockArgument()
                    && d.getRequiredContext().stream()
                            .noneMatch(c -> c == FilePath.class || c.getName().equals("hudson.Launcher"));
            if (!wrapper && !FLAGS.contains(option.name())) {
                reader.error(option.at(), "Invalid option type \"" + option.name() + "\"");
            }
            all.put(option.name(), option);
        }
        return all;
    }

    String wrappers(Map<String, Directive> options, String body) {
        String code = body;
        List<Directive> reversed = new ArrayList<>(options.values());
        java.util.Collections.reverse(reversed);
        for (Directive option : reversed) {
            if (!FLAGS.contains(option.name())) {
                String arguments = option.arguments().stream().map(this::keep).collect(Collectors.joining(", "));
                code = option.name() + "(" + arguments + ") {\n" + code + "}\n";
            }
        }
        return code;
    }

    String parameters(Directive parameters) {
        StringBuilder code = new StringBuilder();
        for (Directive p : parameters == null ? List.<Directive>of() : reader.calls(parameters)) {
            code.append(RUNTIME)
                    .append(".parameter(")
                    .append(keep(p.arguments().get(0)))
                    .append(")\n");
        }
        return code.toString();
    }

    String input(Directive input) {
        if (input == null) {
            return "";
        }
        if (input.block() == null) {
            return "input(" + keep(input.arguments().get(0)) + ")\n";
        }
        return "input("
                + reader.calls(input).stream()
                        .map(c -> c.name() + ": " + keep(c.arguments().get(0)))
                        .collect(Collectors.joining(", "))
                + ")\n";
    }

    String condition(Directive c) {
        switch (c.name()) {
            case "expression":
                return "((" + keep(c.block()) + ").call())";
            case "environment":
                return "(env.getProperty(" + keep(c.named("name")) + ") == " + keep(c.named("value")) + ")";
            case "equals":
                return "((" + keep(c.named("expected")) + ") == (" + keep(c.named("actual")) + "))";
            case "branch":
                return "(env.BRANCH_NAME == " + keep(c.arguments().get(0)) + ")";
            case "not":
                return "(!" + condition(reader.calls(c).get(0)) + ")";
            case "allOf", "anyOf":
                return reader.calls(c).stream()
                        .map(this::condition)
                        .collect(Collectors.joining(c.name().equals("allOf") ? " && " : " || ", "(", ")"));
            default:
                reader.error(c.at(), "Unknown conditional " + c.name());
                return "false";
        }
    }

    String post(Directive post, String err, boolean root) {
        if (post == null) {
            return "";
        }
        Map<String, Directive> found = reader.section(
                post, Set.copyOf(CONDITIONS), "Invalid condition \"%s\" - valid conditions are " + CONDITIONS);
        StringBuilder code = new StringBuilder();
        for (String c : CONDITIONS) {
            if (found.containsKey(c)) {
                reader.checkSteps(found.get(c));
                String t = name("t");
                code.append("if (")
                        .append(RUNTIME)
                        .append(".meets('")
                        .append(c)
                        .append("', ")
                        .append(err);
                code.append(")) { try { (").append(keep(found.get(c).block())).append(").call() } catch (Throwable ");
                code.append(t)
                        .append(") { ")
                        .append(RUNTIME)
                        .append(".postFailed('")
                        .append(c)
                        .append("', ");
                code.append(t)
                        .append("); if (")
                        .append(err)
                        .append(" == null) { ")
                        .append(err)
                        .append(" = ");
                code.append(t).append(" } } }\n");
            }
        }
        String any = "if (" + RUNTIME + ".meetsAny("
                + found.keySet().stream().map(c -> "'" + c + "'").toList() + ", " + err + ")) {\n";
        return root
                ? any + "stage('Declarative: Post Actions') {\n" + code + "}\n}\n"
                : any + RUNTIME + ".log('Post stage')\n" + code + "}\n";
    }
}
