package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.util.Map;
import org.codehaus.groovy.ast.ClassCodeExpressionTransformer;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.control.SourceUnit;

/** Puts expressions in the place of variables, also inside closures and of {@code env.NAME}. */
final class Substitution extends ClassCodeExpressionTransformer {
    private final SourceUnit source;
    private final Map<String, Expression> replacements;

    Substitution(SourceUnit source, Map<String, Expression> replacements) {
        this.source = source;
        this.replacements = replacements;
    }

    @Override
    protected SourceUnit getSourceUnit() {
        return source;
    }

    @Override
    public Expression transform(Expression e) {
        if (e instanceof VariableExpression v && replacements.containsKey(v.getName())) {
            return replacements.get(v.getName());
        }
        if (e instanceof PropertyExpression p
                && p.getObjectExpression().getText().equals("env")
                && p.getProperty() instanceof ConstantExpression
                && replacements.containsKey(p.getPropertyAsString())) {
            return replacements.get(p.getPropertyAsString());
        }
        if (e instanceof ClosureExpression c) {
            c.getCode().visit(this);
            return c;
        }
        return super.transform(e);
    }
}
