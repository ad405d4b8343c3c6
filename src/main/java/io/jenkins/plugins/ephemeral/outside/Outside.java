package io.jenkins.plugins.ephemeral.outside;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * The gate that each call passes which leaves the process: to a cluster, to a control plane, to the disk. Crash tests
 * put a {@link Cut} in and die before or after any such call; in production the gate does nothing.
 */
public final class Outside {
    /** Where crash tests cut in. */
    public interface Cut {
        /** Called before the call named {@code point} is made; may throw an Error to die there. */
        void before(String point);

        /** Called after the call named {@code point} took effect, before its answer is used. */
        void after(String point);
    }

    /** Ends the name of a file whose writer did not live to end {@link #replace}. */
    public static final String UNFINISHED = ".tmp";

    private static final Cut NONE = new Cut() {
        @Override
        public void before(String point) {}

        @Override
        public void after(String point) {}
    };

    private final Cut cut;

    /** A gate without a cut, for production. */
    public Outside() {
        this(NONE);
    }

    /** A gate with a cut, for crash tests. */
    public Outside(Cut cut) {
        this.cut = Objects.requireNonNull(cut);
    }

    /**
     * Makes one outside call.
     *
     * @param point a stable name of the call, such as {@code "create Namespace"}; crash tests enumerate these
     * @param call the call
     * @return its answer
     * @throws Exception whatever the call throws
     */
    public <T> T call(String point, Callable<T> call) throws Exception {
        cut.before(point);
        T answer = call.call();
        cut.after(point);
        return answer;
    }

    /**
     * Writes a file as one such call: to a file beside it, to the disk, then renamed. Whoever dies meanwhile, or loses
     * power, leaves the old one or the new one.
     *
     * @param point as for {@link #call}
     * @param file in a directory that is there
     */
    public void replace(String point, Path file, byte[] content) throws Exception {
        call(point, () -> {
            SafeFile.replace(file, content);
            return null;
        });
    }
}
