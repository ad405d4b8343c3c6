package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.CpsTransformer;
import com.cloudbees.groovy.cps.NonCPS;
import com.cloudbees.groovy.cps.TransformerConfiguration;
import groovy.lang.GroovyClassLoader;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.customizers.ImportCustomizer;

/** A compiled Jenkinsfile. */
final class Jenkinsfile {
    final ClassLoader loader;
    private final Class<?> type;

    /** @throws org.codehaus.groovy.control.MultipleCompilationErrorsException with lines, where it is wrong */
    Jenkinsfile(String source) {
        CpsTransformer cps = new CpsTransformer();
        cps.setConfiguration(new TransformerConfiguration().withClosureType(BenchClosure.class));
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.addCompilationCustomizers(
                new ImportCustomizer().addImports(NonCPS.class.getName()), new Declarative(), cps);
        configuration.setScriptBaseClass(BenchScript.class.getName());
        @SuppressWarnings("resource")
        GroovyClassLoader groovy = new GroovyClassLoader(Thread.currentThread().getContextClassLoader(), configuration);
        type = groovy.parseClass(source, "WorkflowScript");
        loader = groovy;
    }

    BenchScript newScript() {
        try {
            return (BenchScript) type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
