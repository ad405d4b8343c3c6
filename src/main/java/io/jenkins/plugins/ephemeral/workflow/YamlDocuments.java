package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads one YAML text into documents without trusting it: bounded in depth, aliases and in what aliases expand to, no
 * types beyond JSON's, no duplicate keys. It stops at SnakeYAML's node tree and builds the values itself, because
 * parameters are put in between and each message names the line.
 */
final class YamlDocuments {
    /** Aliases of collections in one file. */
    static final int MAX_ALIASES = 50;

    /** Depth of nesting. */
    static final int MAX_DEPTH = 64;

    /** Characters of one document with its aliases expanded: etcd takes no object beyond about 1.5 MiB. */
    static final long MAX_EXPANDED_CHARS = 1_500_000;

    /** One document: its node for line numbers, and its value. */
    static final class Document {
        private final String file;
        private final MappingNode node;
        private final Map<String, Object> content;

        Document(String file, MappingNode node, Map<String, Object> content) {
            this.file = file;
            this.node = node;
            this.content = content;
        }

        Map<String, Object> content() {
            return content;
        }

        String file() {
            return file;
        }

        /** Line on which the document begins, counted from 1. */
        int line() {
            return lineOf(node);
        }

        /** File and line of a field below the root (items of lists by index), or of its nearest parent that is there. */
        String place(String... path) {
            int line = line();
            Node at = node;
            for (String field : path) {
                Node item = at instanceof SequenceNode ? item((SequenceNode) at, field) : null;
                if (item != null) {
                    line = lineOf(item);
                    at = item;
                    continue;
                }
                NodeTuple tuple = at instanceof MappingNode ? tuple((MappingNode) at, field) : null;
                if (tuple == null) {
                    break;
                }
                line = lineOf(tuple.getKeyNode());
                at = tuple.getValueNode();
            }
            return file + ':' + line;
        }

        private static Node item(SequenceNode list, String index) {
            int i = index.matches("[0-9]{1,6}") ? Integer.parseInt(index) : Integer.MAX_VALUE;
            return i < list.getValue().size() ? list.getValue().get(i) : null;
        }

        private static NodeTuple tuple(MappingNode mapping, String key) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode
                        && ((ScalarNode) tuple.getKeyNode()).getValue().equals(key)) {
                    return tuple;
                }
            }
            return null;
        }
    }

    private final String file;
    private final Parameters parameters;

    YamlDocuments(String file, Parameters parameters) {
        this.file = file;
        this.parameters = parameters;
    }

    /** The documents of a text in order; empty ones are left out. */
    List<Document> read(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setTagInspector(tag -> true); // value() refuses them, saying what to write instead
        List<Document> documents = new ArrayList<>();
        try {
            Composer composer = new Composer(new ParserImpl(new StreamReader(text), options), new JsonTypes(), options);
            while (composer.checkNode()) {
                Node node = composer.getNode();
                if (!Tag.NULL.equals(node.getTag())) {
                    documents.add(document(node));
                }
            }
        } catch (MarkedYAMLException e) {
            throw unreadable(text, e);
        } catch (YAMLException e) {
            throw refuse(file, oneLine(e.getMessage()), "");
        }
        return documents;
    }

    private Document document(Node node) {
        if (!(node instanceof MappingNode)) {
            throw refuse(place(node), "a document must be a mapping, this is a " + node.getNodeId(), "");
        }
        new Weights().of(node);
        return new Document(file, (MappingNode) node, mapping((MappingNode) node));
    }

    private Object value(Node node) {
        if (node instanceof MappingNode) {
            return mapping((MappingNode) node);
        }
        if (node instanceof SequenceNode) {
            List<Object> list = new ArrayList<>();
            for (Node item : ((SequenceNode) node).getValue()) {
                list.add(value(item));
            }
            return list;
        }
        ScalarNode scalar = (ScalarNode) node;
        String text = text(scalar);
        boolean retype = scalar.isPlain() && !text.equals(scalar.getValue());
        Tag tag = retype ? JsonTypes.of(text) : scalar.getTag();
        Object value = JsonTypes.value(tag, text);
        if (value == null && !Tag.NULL.equals(tag)) {
            throw refuse(
                    place(node),
                    "the type " + tag + " is not allowed",
                    "Use strings, numbers, booleans, lists and mappings.");
        }
        return value;
    }

    private Map<String, Object> mapping(MappingNode mapping) {
        Map<String, Object> merged = new LinkedHashMap<>();
        Map<String, Object> own = new LinkedHashMap<>();
        Map<String, Node> keys = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node key = tuple.getKeyNode();
            if (!(key instanceof ScalarNode)) {
                throw refuse(place(key), "a key must be a string, this is a " + key.getNodeId(), "");
            }
            if (Tag.MERGE.equals(key.getTag())) {
                merge(tuple.getValueNode(), merged);
                continue;
            }
            String name = text((ScalarNode) key);
            Node first = keys.putIfAbsent(name, key);
            if (first != null) {
                throw refuse(
                        place(key),
                        "the key '" + name + "' is there twice, first on line " + lineOf(first),
                        "Remove one of them.");
            }
            own.put(name, value(tuple.getValueNode()));
        }
        merged.keySet().removeAll(own.keySet());
        own.putAll(merged);
        return own;
    }

    /** The merge key of YAML 1.1: one mapping or a list of them, the earlier ones win. */
    private void merge(Node source, Map<String, Object> into) {
        List<Node> sources = source instanceof SequenceNode ? ((SequenceNode) source).getValue() : List.of(source);
        for (Node each : sources) {
            if (!(each instanceof MappingNode)) {
                throw refuse(place(each), "the merge key << takes mappings only", "");
            }
            mapping((MappingNode) each).forEach(into::putIfAbsent);
        }
    }

    private String text(ScalarNode scalar) {
        return parameters.resolve(scalar.getValue(), place(scalar));
    }

    private String place(Node node) {
        return file + ':' + lineOf(node);
    }

    private UserFault unreadable(String text, MarkedYAMLException e) {
        if (e.getProblemMark() == null) {
            return refuse(file, oneLine(e.getProblem()), "");
        }
        int line = e.getProblemMark().getLine();
        List<String> lines = text.lines().toList();
        boolean atParameter = line < lines.size() && lines.get(line).contains("${");
        return refuse(
                file + ':' + (line + 1),
                oneLine(e.getProblem()),
                atParameter ? "Quote values with parameters inside { } and [ ]: \"${name}\"." : "");
    }

    private static String oneLine(String text) {
        return text == null ? "this is not YAML" : text.replace('\n', ' ').trim();
    }

    private static int lineOf(Node node) {
        return node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
    }

    static UserFault refuse(String place, String why, String remedy) {
        return new UserFault("reading manifests", place, why, remedy);
    }

    /** Weighs what aliases expand to, each node once, and refuses cycles: fifty aliases are enough for 2^50 copies. */
    private final class Weights {
        private final Map<Node, Long> known = new IdentityHashMap<>();
        private final Set<Node> path = Collections.newSetFromMap(new IdentityHashMap<>());

        long of(Node node) {
            Long weighed = known.get(node);
            if (weighed != null) {
                return weighed;
            }
            if (!path.add(node)) {
                throw refuse(place(node), "an alias refers to what contains it", "");
            }
            long weight = 1;
            if (node instanceof ScalarNode) {
                weight += ((ScalarNode) node).getValue().length();
            } else if (node instanceof SequenceNode) {
                for (Node item : ((SequenceNode) node).getValue()) {
                    weight += of(item);
                }
            } else if (node instanceof MappingNode) {
                for (NodeTuple tuple : ((MappingNode) node).getValue()) {
                    weight += of(tuple.getKeyNode()) + of(tuple.getValueNode());
                }
            }
            if (weight > MAX_EXPANDED_CHARS) {
                throw refuse(
                        place(node),
                        "with its aliases expanded it is larger than " + MAX_EXPANDED_CHARS + " characters",
                        "Kubernetes takes no object of that size: make it smaller.");
            }
            path.remove(node);
            known.put(node, weight);
            return weight;
        }
    }
}
