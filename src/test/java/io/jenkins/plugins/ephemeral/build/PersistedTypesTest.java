package io.jenkins.plugins.ephemeral.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.fabric8.kubernetes.api.model.Namespace;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.Test;

/** The rule for saved types finds each kind of type that it is for. */
public class PersistedTypesTest {
    private final PersistedTypes rule =
            new PersistedTypes(new ClassFileImporter().importClasses(Fine.class, Shape.class, Circle.class));

    @Test
    public void plainClassesAreFine() {
        assertThat(rule.problems(Fine.class)).isEmpty();
    }

    @Test
    public void aRecordIsFound() {
        assertThat(rule.problems(HoldsRecord.class))
                .singleElement()
                .asString()
                .contains("HoldsRecord.point", "a Record");
    }

    @Test
    public void anOptionalInsideAMapOfListsIsFound() {
        assertThat(rule.problems(HoldsOptional.class))
                .singleElement()
                .asString()
                .contains("a Optional");
    }

    @Test
    public void aFunctionalInterfaceIsFound() {
        assertThat(rule.problems(HoldsSupplier.class))
                .singleElement()
                .asString()
                .contains("a lambda would be saved");
        assertThat(rule.problems(HoldsCallback.class))
                .singleElement()
                .asString()
                .contains("a lambda would be saved");
    }

    @Test
    public void anIteratorInASuperclassIsFound() {
        assertThat(rule.problems(Inherits.class)).singleElement().asString().contains("Inherits.rest", "a Iterator");
    }

    @Test
    public void aTypeOfTheClientInAnArrayIsFound() {
        assertThat(rule.problems(HoldsClientType.class))
                .singleElement()
                .asString()
                .contains("Kubernetes client");
    }

    @Test
    public void whatAFieldOfABaseTypeCanHoldIsFound() {
        assertThat(rule.problems(HoldsShape.class)).singleElement().asString().contains("(Circle).radius");
    }

    @Test
    public void anInnerClassTakesItsOuterObjectAlong() {
        assertThat(rule.problems(Outer.Inner.class)).singleElement().asString().contains("a Optional");
    }

    @Test
    public void theRecordsOfEnvironmentsAreAmongWhatIsSaved() throws Exception {
        PersistedTypes main =
                new PersistedTypes(new ClassFileImporter().importPackages("io.jenkins.plugins.ephemeral.environment"));
        assertThat(main.roots()).extracting(Class::getSimpleName).contains("EnvironmentRecord");
    }

    static class Fine implements Serializable {
        private static final long serialVersionUID = 1;
        static final Supplier<String> NOT_SAVED = () -> "";
        String text;
        List<Map<String, Instant>> times = new ArrayList<>();
        Fine[] more;
        transient Optional<String> notSaved;
    }

    record Point(int x, int y) {}

    static class HoldsRecord {
        Set<? extends Point> point;
    }

    static class HoldsOptional {
        Map<String, List<Optional<String>>> maybe;
    }

    static class HoldsSupplier {
        Supplier<String> supplier;
    }

    interface Callback {
        void done();
    }

    static class HoldsCallback {
        Callback callback;
    }

    static class Base {
        Iterator<String> rest;
    }

    static class Inherits extends Base {}

    static class HoldsClientType {
        Namespace[] namespaces;
    }

    abstract static class Shape {
        String name;
    }

    static class Circle extends Shape {
        Optional<Double> radius;
    }

    static class HoldsShape {
        Shape shape;
    }

    static class Outer {
        Optional<String> maybe;

        class Inner {
            String text;

            String both() {
                return text + maybe;
            }
        }
    }
}
