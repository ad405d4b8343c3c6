package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.util.List;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.builder.AstBuilder;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.classgen.GeneratorContext;
import org.codehaus.groovy.control.CompilePhase;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.customizers.CompilationCustomizer;

/** Turns {@code pipeline {}} into a scripted Pipeline. What the bench does not know is an error with its line. */
final class Declarative extends CompilationCustomizer {
    Declarative() {
        super(CompilePhase.CONVERSION);
    }

    @Override
    public void call(SourceUnit source, GeneratorContext context, ClassNode classNode) {
        if (classNode.getDeclaredMethods("run").isEmpty()) {
            return;
        }
        List<Statement> statements =
                Directive.statements(classNode.getDeclaredMethods("run").get(0).getCode());
        for (int i = 0; i < statements.size(); i++) {
            Directive d = Directive.of(statements.get(i));
            if (d != null && d.name().equals("pipeline") && d.block() != null) {
                DeclarativeReader reader = new DeclarativeReader(source);
                DeclarativeSections sections = new DeclarativeSections(reader);
                String scripted = new DeclarativeTranslation(reader, sections).pipeline(d);
                if (source.getErrorCollector().hasErrors()) {
                    return;
                }
                BlockStatement code = (BlockStatement) new AstBuilder()
                        .buildFromString(CompilePhase.CONVERSION, true, scripted)
                        .get(0);
                new Substitution(source, sections.kept).visitBlockStatement(code);
                statements.set(i, code);
            }
        }
    }
}
