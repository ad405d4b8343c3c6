package io.jenkins.plugins.ephemeral.build;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One element of a view, with its line, as far as the rules for views need it. */
final class JellyElement {
    private final String uri;
    private final String name;
    private final int line;
    private final JellyElement parent;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private final List<JellyElement> children = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();

    JellyElement(String uri, String name, int line, JellyElement parent) {
        this.uri = uri == null ? "" : uri;
        this.name = name;
        this.line = line;
        this.parent = parent;
        if (parent != null) {
            parent.children.add(this);
        }
    }

    void attribute(String attribute, String value) {
        attributes.put(attribute, value);
    }

    void text(String more) {
        text.append(more);
    }

    /** @return the taglib, or the empty string for HTML */
    String uri() {
        return uri;
    }

    String name() {
        return name;
    }

    int line() {
        return line;
    }

    Map<String, String> attributes() {
        return attributes;
    }

    List<JellyElement> children() {
        return children;
    }

    /** @return the text directly in this element */
    String text() {
        return text.toString();
    }

    boolean is(String taglib, String tag) {
        return uri.equals(taglib) && name.equals(tag);
    }

    /** @return this element and all below it, in document order */
    Stream<JellyElement> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(JellyElement::all));
    }

    /** @return the elements that this one is in, innermost first */
    Stream<JellyElement> ancestors() {
        return Stream.iterate(parent, element -> element != null, element -> element.parent);
    }
}
