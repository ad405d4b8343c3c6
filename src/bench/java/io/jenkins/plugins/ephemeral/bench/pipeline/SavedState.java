package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.FilePath;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jboss.marshalling.ByteInput;
import org.jboss.marshalling.Marshaller;
import org.jboss.marshalling.Marshalling;
import org.jboss.marshalling.MarshallingConfiguration;
import org.jboss.marshalling.ObjectResolver;
import org.jboss.marshalling.SimpleClassResolver;
import org.jboss.marshalling.TraceInformation;
import org.jboss.marshalling.Unmarshaller;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * Writes programs down and reads them back with JBoss Marshalling's River protocol, as Jenkins does. Only files on an
 * agent and points of the graph are replaced by references; anything else that is not serialisable is an error that
 * says by which way it was reached.
 */
final class SavedState {
    private SavedState() {}

    /** Something to do on a program's thread. */
    interface Task {
        void run() throws Exception;
    }

    static void write(File file, Object state, ClassLoader loader) throws IOException {
        Path temporary = file.toPath().resolveSibling(file.getName() + ".tmp");
        Files.write(temporary, marshal(state, loader, new References()));
        Files.move(temporary, file.toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static <T> T read(File file, ClassLoader loader, Class<T> type) throws IOException, ClassNotFoundException {
        byte[] bytes = Files.readAllBytes(file.toPath());
        try (Unmarshaller in = Marshalling.getProvidedMarshallerFactory("river")
                .createUnmarshaller(configuration(loader, new References()))) {
            in.start((ByteInput) Marshalling.createByteInput(java.nio.ByteBuffer.wrap(bytes)));
            return type.cast(in.readObject());
        }
    }

    /** How many bytes the step itself takes, without the program around it. */
    static int ownSize(StepExecution step, ClassLoader loader) throws IOException {
        return marshal(step, loader, new References() {
                    @Override
                    public Object writeReplace(Object o) {
                        return o instanceof StepContext || o instanceof BodyExecution ? null : super.writeReplace(o);
                    }
                })
                .length;
    }

    private static byte[] marshal(Object o, ClassLoader loader, ObjectResolver resolver) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Marshaller out =
                Marshalling.getProvidedMarshallerFactory("river").createMarshaller(configuration(loader, resolver))) {
            out.start(Marshalling.createByteOutput(bytes));
            out.writeObject(o);
        } catch (IOException | RuntimeException e) {
            throw new IOException("This program cannot be saved: " + e + way(e), e);
        }
        return bytes.toByteArray();
    }

    private static String way(Throwable t) {
        StringBuilder way = new StringBuilder();
        for (Throwable c = t; c != null; c = c.getCause()) {
            if (c instanceof TraceInformation) {
                way.append('\n').append(c);
            }
        }
        return way.toString();
    }

    private static MarshallingConfiguration configuration(ClassLoader loader, ObjectResolver resolver) {
        MarshallingConfiguration c = new MarshallingConfiguration();
        c.setVersion(3);
        c.setClassResolver(new SimpleClassResolver(loader));
        c.setObjectResolver(resolver);
        return c;
    }

    private static class References implements ObjectResolver {
        @Override
        public Object writeReplace(Object o) {
            return o instanceof FilePath file
                    ? new PathReference(file.getRemote())
                    : o instanceof BenchNode node ? new NodeReference(node.getId()) : o;
        }

        @Override
        public Object readResolve(Object replacement) {
            return replacement instanceof PathReference file
                    ? new FilePath(new File(file.path))
                    : replacement instanceof NodeReference node
                            ? Program.current().getNode(node.id)
                            : replacement;
        }
    }

    private static final class PathReference implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String path;

        PathReference(String path) {
            this.path = path;
        }
    }

    private static final class NodeReference implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String id;

        NodeReference(String id) {
            this.id = id;
        }
    }
}
