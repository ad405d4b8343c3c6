package io.jenkins.plugins.ephemeral.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the form takes for untouched is what the configuration begins with; else Jenkins shows it as edited. */
public class DefaultsInFormTest {
    private static final Path FORM =
            Path.of("src/main/resources/io/jenkins/plugins/ephemeral/config/EphemeralConfiguration/config.jelly");

    @Test
    public void theFormHasTheSameDefaults() throws Exception {
        Map<String, String> form = new TreeMap<>();
        Map<String, String> code = new TreeMap<>();
        NodeList entries = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(FORM.toFile())
                .getElementsByTagName("f:entry");
        for (int i = 0; i < entries.getLength(); i++) {
            Element entry = (Element) entries.item(i);
            String name = "DEFAULT_"
                    + entry.getAttribute("field").replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
            NodeList controls = entry.getElementsByTagName("*");
            for (Field constant : EphemeralConfiguration.class.getDeclaredFields()) {
                if (constant.getName().equals(name)) {
                    constant.setAccessible(true);
                    code.put(name, String.valueOf(constant.get(null)));
                    form.put(name, ((Element) controls.item(0)).getAttribute("default"));
                }
            }
        }
        assertThat(form).isEqualTo(code).hasSizeGreaterThanOrEqualTo(5);
    }
}
