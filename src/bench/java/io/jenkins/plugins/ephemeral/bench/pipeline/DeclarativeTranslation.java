package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the scripted Pipeline that Jenkins' interpreter makes of a declarative one: agent, environment and options around
 * the stages and {@code post}; in a stage options, input, agent, {@code when}, environment, each in that order unless
 * {@code when} says otherwise. Expressions of the original are kept as nodes of the tree, with their lines; the text has
 * a variable for each.
 */
final class DeclarativeTranslation {
    private static final String RUNTIME = DeclarativeSections.RUNTIME;
    private final DeclarativeReader reader;
    private final DeclarativeSections sections;

    DeclarativeTranslation(DeclarativeReader reader, DeclarativeSections sections) {
        this.reader = reader;
        this.sections = sections;
    }

    String pipeline(Directive pipeline) {
        Map<String, Directive> s = reader.section(
                pipeline,
                Set.of("agent", "environment", "options", "parameters", "stages", "post"),
                "Undefined section \"%s\"");
        for (String required : List.of("agent", "stages")) {
            if (!s.containsKey(required)) {
                reader.error(pipeline.at(), "Missing required section \"" + required + "\"");
                return "";
            }
        }
        Map<String, Directive> options = sections.options(s.get("options"));
        String err = sections.name("err");
        String posted = sections.name("posted");
        String post = sections.post(s.get("post"), err, true);
        String inside = stages(s.get("stages"), err, options.keySet()) + posted + " = true\n" + post + "if (" + err
                + " != null) { throw " + err + " }\n";
        String checkout = options.containsKey("skipDefaultCheckout")
                ? ""
                : "if (" + RUNTIME + ".hasRevision()) { stage('Declarative: Checkout SCM') { checkout scm } }\n";
        return sections.parameters(s.get("parameters")) + "def " + err + " = null\ndef " + posted + " = false\ntry {\n"
                + sections.agent(
                        s.get("agent"),
                        checkout,
                        sections.environment(s.get("environment"), sections.wrappers(options, inside)))
                + "} catch (Throwable t) { if (" + err + " == null) { " + err + " = t } }\n"
                + "if (!" + posted + ") {\n" + post + "}\nif (" + err + " != null) { throw " + err + " }\n";
    }

    private String stages(Directive stages, String err, Set<String> options) {
        StringBuilder code = new StringBuilder();
        for (Directive stage : reader.calls(stages)) {
            String t = sections.name("t");
            code.append("try {\n")
                    .append(stage(stage, err, options))
                    .append("} catch (Throwable ")
                    .append(t);
            code.append(") { ")
                    .append(RUNTIME)
                    .append(".failed(")
                    .append(t)
                    .append("); if (")
                    .append(err);
            code.append(" == null) { ").append(err).append(" = ").append(t).append(" } }\n");
        }
        return code.toString();
    }

    private String stage(Directive stage, String err, Set<String> rootOptions) {
        if (!stage.name().equals("stage") || stage.arguments().size() != 2) {
            reader.error(stage.at(), "Expected a stage");
            return "";
        }
        Map<String, Directive> s = reader.section(
                stage,
                Set.of(
                        "agent",
                        "environment",
                        "options",
                        "input",
                        "when",
                        "steps",
                        "stages",
                        "parallel",
                        "post",
                        "failFast"),
                "Unknown stage section \"%s\". Starting with version 0.5, steps in a stage must be in a \u2018steps\u2019"
                        + " block.");
        String title = sections.keep(stage.arguments().get(0));
        String own = sections.name("err");
        String t = sections.name("t");
        String body = whole(s, stage, title, rootOptions);
        String parallelPost = s.containsKey("parallel") ? sections.post(s.get("post"), own, false) : "";
        return "stage(" + title + ") {\ndef " + own + " = null\ntry {\nif (" + err + " != null) { "
                + skipped(stage, title, "earlier failure(s)") + "} else if ("
                + rootOptions.contains("skipStagesAfterUnstable") + " && " + RUNTIME + ".unstable()) { "
                + skipped(stage, title, "earlier stage(s) marking the build as unstable") + "} else {\n" + body + "}\n"
                + "} catch (Throwable " + t + ") { " + RUNTIME + ".failed(" + t + "); " + own + " = " + t + " }\n"
                + parallelPost + "if (" + own + " != null) { throw " + own + " }\n}\n";
    }

    private String skipped(Directive stage, String title, String why) {
        return RUNTIME + ".log('Stage \"' + " + title + " + '\" skipped due to " + why + "')\n";
    }

    /** What a stage does, from the outside in. */
    private String whole(Map<String, Directive> s, Directive stage, String title, Set<String> rootOptions) {
        Map<String, Directive> options = sections.options(s.get("options"));
        String code = sections.environment(s.get("environment"), core(s, stage, rootOptions));
        Set<String> early = Set.of("beforeOptions", "beforeInput", "beforeAgent");
        List<Directive> when = s.containsKey("when") ? reader.calls(s.get("when")) : List.of();
        String at = when.stream()
                .map(Directive::name)
                .filter(early::contains)
                .findFirst()
                .orElse("last");
        String condition = when.isEmpty()
                ? null
                : when.stream()
                        .filter(c -> !early.contains(c.name()))
                        .map(sections::condition)
                        .collect(Collectors.joining(" && "));
        String otherwise = "} else { " + skipped(stage, title, "when conditional") + "}\n";
        code = at.equals("last") && condition != null ? "if (" + condition + ") {\n" + code + otherwise : code;
        code = sections.agent(s.get("agent"), "if (" + RUNTIME + ".hasRevision()) { checkout scm }\n", code);
        code = at.equals("beforeAgent") ? "if (" + condition + ") {\n" + code + otherwise : code;
        code = sections.input(s.get("input")) + code;
        code = at.equals("beforeInput") ? "if (" + condition + ") {\n" + code + otherwise : code;
        code = sections.wrappers(options, code);
        return at.equals("beforeOptions") ? "if (" + condition + ") {\n" + code + otherwise : code;
    }

    private String core(Map<String, Directive> s, Directive stage, Set<String> rootOptions) {
        List<String> kinds = List.of("steps", "stages", "parallel").stream()
                .filter(s::containsKey)
                .toList();
        if (kinds.size() != 1) {
            reader.error(
                    stage.at(),
                    "Expected one of \"steps\", \"stages\", or \"parallel\" for stage "
                            + stage.arguments().get(0).getText());
            return "";
        }
        String err = sections.name("err");
        String finish = "if (" + err + " != null) { throw " + err + " }\n";
        switch (kinds.get(0)) {
            case "steps":
                reader.checkSteps(s.get("steps"));
                String t = sections.name("t");
                return "def " + err + " = null\ntry { ("
                        + sections.keep(s.get("steps").block()) + ").call() } catch (Throwable "
                        + t + ") { " + RUNTIME + ".failed(" + t + "); " + err + " = " + t + " }\n"
                        + sections.post(s.get("post"), err, false) + finish;
            case "stages":
                return "def " + err + " = null\n" + stages(s.get("stages"), err, rootOptions)
                        + sections.post(s.get("post"), err, false) + finish;
            default:
                StringBuilder branches = new StringBuilder("def " + err + " = null\nparallel([");
                for (Directive branch : reader.calls(s.get("parallel"))) {
                    branches.append("(")
                            .append(sections.keep(branch.arguments().get(0)))
                            .append("): {\n");
                    branches.append(stage(branch, err, rootOptions)).append("},\n");
                }
                boolean failFast = s.containsKey("failFast") || rootOptions.contains("parallelsAlwaysFailFast");
                return branches.append("failFast: ")
                        .append(failFast)
                        .append("])\n")
                        .toString();
        }
    }
}
