package io.jenkins.plugins.ephemeral.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.model.AbstractDescribableImpl;
import hudson.model.Action;
import hudson.model.Descriptor;
import hudson.util.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** Each rule for views, broken once: a rule that finds nothing here would find nothing in the plugin either. */
public class ViewRulesTest {
    private static final String HEAD = "<?jelly escape-by-default='true'?>\n";
    private static final String NAMESPACES =
            " xmlns:j='jelly:core' xmlns:st='jelly:stapler' xmlns:f='/lib/form' xmlns:l='/lib/layout'";
    private static final String HELP = "<div>What it is for.</div>";

    @Rule
    public final TemporaryFolder resources = new TemporaryFolder();

    @Test
    public void aGoodFormAndAGoodPageAreFine() throws Exception {
        form(
                """
                <f:entry title='${%Name}' field='name'><f:textbox default='${descriptor.displayName}'/></f:entry>
                <f:entry title='${%Kind}' field='kind'><f:select/></f:entry>
                <f:entry title='${%Token}' field='token'><f:password/></f:entry>
                """);
        help("name", HELP);
        help("kind", HELP);
        help("token", HELP);
        page(
                """
                <j:forEach var='stage' items='${it.stages}' varStatus='loop'>
                  <p class='${loop.first ? "first" : ""}'>${stage.name}: ${%took(stage.seconds, it.labels.anything)}</p>
                </j:forEach>
                <j:if test='${!empty(it.stages)}'>${it.summaryOf(it.urlName)}</j:if>
                """);
        assertThat(problems()).isEmpty();
        assertThat(missing(List.of())).isEmpty();
    }

    @Test
    public void notWellFormed() throws Exception {
        page("<p>one & two</p>");
        assertThat(problems()).singleElement().asString().contains("Page/index.jelly");
    }

    @Test
    public void notEscaping() throws Exception {
        write("Page/index.jelly", "<j:jelly" + NAMESPACES + "/>");
        assertFound("escape-by-default");
    }

    @Test
    public void escapingTurnedOff() throws Exception {
        page("<j:out value='${it.urlName}'/>");
        assertFound("without escaping");
    }

    @Test
    public void unknownTag() throws Exception {
        page("<l:mainpanel/>");
        assertFound("no tag <mainpanel> in /lib/layout");
    }

    @Test
    public void unknownTaglib() throws Exception {
        page("<x:y xmlns:x='/lib/unknown'/>");
        assertFound("no tag <y> in /lib/unknown");
    }

    @Test
    public void unknownDeprecatedAndMissingAttribute() throws Exception {
        page("<l:layout css='a.css' titel='x'/>");
        assertThat(problems())
                .anyMatch(problem -> problem.contains("<layout> has no attribute titel"))
                .anyMatch(problem -> problem.contains("attribute css of <layout> is deprecated"))
                .anyMatch(problem -> problem.contains("<layout> needs the attribute title"));
    }

    @Test
    public void theLineIsNamed() throws Exception {
        page("<p/>\n<p/>\n<l:mainpanel/>");
        assertFound("Page/index.jelly:5: no tag");
    }

    @Test
    public void unknownPropertyOfThePage() throws Exception {
        page("<p>${it.stagse}</p>");
        assertFound("it (" + Page.class.getName() + ") has no property stagse");
    }

    @Test
    public void unknownPropertyOfALoopVariable() throws Exception {
        page("<j:forEach var='s' items='${it.stages}'><p>${s.nmae}</p></j:forEach>");
        assertFound("has no property nmae");
    }

    @Test
    public void unknownPropertyOfASetVariable() throws Exception {
        page("<j:set var='u' value='${it.first}'/><p>${u.name} ${u.nmae}</p>");
        assertFound("has no property nmae");
    }

    @Test
    public void unknownPropertyInAnArgument() throws Exception {
        page("<p>${h.encode(it.url)}</p>");
        assertFound("has no property url");
    }

    @Test
    public void unknownMethod() throws Exception {
        page("<p>${it.sumaryOf('x')}</p>");
        assertFound("has no method sumaryOf");
    }

    @Test
    public void unknownVariable() throws Exception {
        page("<p>${itt.urlName}</p>");
        assertFound("no variable itt");
    }

    @Test
    public void propertyOfATypeThatIsNotPublic() throws Exception {
        page("<p>${it.hidden.name}</p>");
        assertFound("is not public");
    }

    @Test
    public void theObjectOfAPageInAForm() throws Exception {
        form("<f:entry title='${it.urlName}'/>");
        assertFound("no variable it");
    }

    @Test
    public void unknownPropertyOfInstanceAndDescriptor() throws Exception {
        form("<f:entry title='${instance.nmae}' description='${descriptor.displayNmae}'/>");
        assertThat(problems())
                .anyMatch(problem -> problem.contains("has no property nmae"))
                .anyMatch(problem -> problem.contains("has no property displayNmae"));
    }

    @Test
    public void inlineScriptHandlerStyleAndScriptUrl() throws Exception {
        page(
                """
                <script>alert(1)</script>
                <style>p {}</style>
                <a onclick='go()'>x</a>
                <a href='java&#10;script:go()'>x</a>
                """);
        assertThat(problems())
                .anyMatch(problem -> problem.contains("<script> inline"))
                .anyMatch(problem -> problem.contains("<style> inline"))
                .anyMatch(problem -> problem.contains("handler onclick"))
                .anyMatch(problem -> problem.contains("attribute href holds a script"));
    }

    @Test
    public void adjunctThatIsNotThere() throws Exception {
        page("<st:adjunct includes='io.jenkins.plugins.ephemeral.page.nothing'/>");
        assertFound("no adjunct io.jenkins.plugins.ephemeral.page.nothing");
    }

    @Test
    public void viewOfNoClass() throws Exception {
        write("Gone/index.jelly", HEAD + "<p/>");
        assertFound("no class has its views in");
    }

    @Test
    public void groovyView() throws Exception {
        write("Page/main.groovy", "p()");
        assertFound("a Groovy view");
    }

    @Test
    public void fieldWithoutPropertyAndHelp() throws Exception {
        form("<f:entry field='nmae'><f:textbox/></f:entry>");
        assertThat(problems())
                .anyMatch(problem -> problem.contains("field nmae is not filled again"))
                .anyMatch(problem -> problem.contains("field nmae is lost"))
                .anyMatch(problem -> problem.contains("has no help-nmae.html"));
    }

    @Test
    public void selectWithoutChoices() throws Exception {
        form("<f:entry field='name'><f:select/></f:entry>");
        help("name", HELP);
        assertFound("no doFillNameItems");
    }

    @Test
    public void controlWithoutAField() throws Exception {
        form("<f:entry title='x'><f:textbox name='x'/></f:entry>");
        assertThat(problems()).isEmpty();
    }

    @Test
    public void passwordThatIsNoSecret() throws Exception {
        form("<f:entry field='name'><f:password/></f:entry>");
        help("name", HELP);
        assertFound("no Secret");
    }

    @Test
    public void fieldOfRepeatedElements() throws Exception {
        form("<f:repeatable><f:entry field='name'/></f:repeatable>");
        help("name", HELP);
        assertFound("use repeatableProperty");
    }

    @Test
    public void helpOfNoPropertyOrWithAScriptOrEmpty() throws Exception {
        help("nmae", HELP);
        help("name", "<div>x<script>alert(1)</script></div>");
        help("kind", "<div> </div>");
        help("token", "<div>open");
        assertThat(problems())
                .anyMatch(problem -> problem.contains("has no property nmae"))
                .anyMatch(problem -> problem.contains("help-name.html: holds a script"))
                .anyMatch(problem -> problem.contains("help-kind.html: says nothing"))
                .anyMatch(problem -> problem.contains("help-token.html: not well-formed"));
    }

    @Test
    public void propertyThatNoFormOffers() throws Exception {
        form("<f:entry field='name'/><f:entry field='kind'/>");
        assertThat(missing(List.of())).singleElement().asString().contains("Thing.token is in no form");
        assertThat(missing(List.<String[]>of(new String[] {"Thing", "token", "only for scripts"})))
                .isEmpty();
    }

    @Test
    public void hiddenPropertiesThatAreNotHiddenOrNotThere() throws Exception {
        form("<f:entry field='name'/><f:entry field='kind'/><f:entry field='token'/>");
        assertThat(missing(List.of(new String[] {"Thing", "kind", "why"}, new String[] {"Thing", "gone", "why"})))
                .anyMatch(problem -> problem.contains("Thing.kind is in hidden-properties.tsv and in the form"))
                .anyMatch(problem -> problem.contains("Thing.gone is in hidden-properties.tsv, but there is no such"));
        assertThatThrownBy(() -> new FormRules(List.<String[]>of(new String[] {"Thing", "kind", " "})))
                .hasMessageContaining("without a reason");
    }

    @Test
    public void boundTypeWithoutAForm() throws Exception {
        assertThat(missing(List.of())).anyMatch(problem -> problem.contains("has no config.jelly"));
    }

    private void assertFound(String problem) throws Exception {
        assertThat(problems()).singleElement().asString().contains(problem);
    }

    private List<String> problems() throws Exception {
        return new ViewRules(JellyTags.read(), new FormRules(List.of())).problems(root());
    }

    private List<String> missing(List<String[]> hidden) throws Exception {
        return new FormRules(hidden).missing(List.of(Thing.class), root());
    }

    private void form(String body) throws IOException {
        write("Thing/config.jelly", HEAD + "<j:jelly" + NAMESPACES + ">\n" + body + "\n</j:jelly>\n");
    }

    private void page(String body) throws IOException {
        write("Page/index.jelly", HEAD + "<j:jelly" + NAMESPACES + ">\n" + body + "\n</j:jelly>\n");
    }

    private void help(String field, String text) throws IOException {
        write("Thing/help-" + field + ".html", text);
    }

    private void write(String file, String text) throws IOException {
        Path path =
                root().resolve(ViewRulesTest.class.getName().replace('.', '/')).resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private Path root() {
        return resources.getRoot().toPath();
    }

    /** Something with a form. */
    public static class Thing extends AbstractDescribableImpl<Thing> {
        private final String name;
        private String kind;
        private Secret token;

        @DataBoundConstructor
        public Thing(String name) {
            this.name = name;
        }

        public String getName() {
            return name;
        }

        public String getKind() {
            return kind;
        }

        @DataBoundSetter
        public void setKind(String kind) {
            this.kind = kind;
        }

        public Secret getToken() {
            return token;
        }

        @DataBoundSetter
        public void setToken(Secret token) {
            this.token = token;
        }

        /** Its descriptor, not an extension: nothing looks for it. */
        public static class DescriptorImpl extends Descriptor<Thing> {
            @Override
            public String getDisplayName() {
                return "Thing";
            }

            public List<String> doFillKindItems() {
                return List.of();
            }
        }
    }

    /** Something with a page. */
    public static class Page implements Action {
        @Override
        public String getIconFileName() {
            return null;
        }

        @Override
        public String getDisplayName() {
            return "Page";
        }

        @Override
        public String getUrlName() {
            return "page";
        }

        public List<Stage> getStages() {
            return List.of();
        }

        public Stage getFirst() {
            return null;
        }

        public Map<String, String> getLabels() {
            return Map.of();
        }

        public Hidden getHidden() {
            return null;
        }

        public String summaryOf(String name) {
            return name;
        }
    }

    /** An element of a page. */
    public static class Stage {
        public String getName() {
            return "";
        }

        public long getSeconds() {
            return 0;
        }
    }

    static class Hidden {
        public String getName() {
            return "";
        }
    }
}
