package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.NamedArgumentListExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;

/** A directive or step: a name, arguments and perhaps a block. */
record Directive(ASTNode at, String name, List<Expression> arguments) {
    ClosureExpression block() {
        return !arguments.isEmpty() && arguments.get(arguments.size() - 1) instanceof ClosureExpression c ? c : null;
    }

    Expression named(String key) {
        return !arguments.isEmpty() && arguments.get(0) instanceof MapExpression map
                ? map.getMapEntryExpressions().stream()
                        .filter(e -> e.getKeyExpression().getText().equals(key))
                        .map(e -> e.getValueExpression())
                        .findFirst()
                        .orElse(null)
                : null;
    }

    /** The directive that a statement is, or null. */
    static Directive of(Statement s) {
        if (!(s instanceof ExpressionStatement e
                && e.getExpression() instanceof MethodCallExpression m
                && m.isImplicitThis())) {
            return null;
        }
        List<Expression> arguments = new ArrayList<>();
        for (Expression a : ((TupleExpression) m.getArguments()).getExpressions()) {
            arguments.add(
                    a instanceof NamedArgumentListExpression n ? new MapExpression(n.getMapEntryExpressions()) : a);
        }
        return new Directive(m, m.getMethodAsString(), arguments);
    }

    static List<Statement> statements(Statement code) {
        return code instanceof BlockStatement b ? b.getStatements() : new ArrayList<>(List.of(code));
    }
}
