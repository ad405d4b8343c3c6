package hudson.model.listeners;

import hudson.ExtensionList;
import hudson.ExtensionPoint;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Stand-in: told about builds. */
@SuppressWarnings("rawtypes")
public abstract class RunListener<R extends Run> implements ExtensionPoint {
    public final Class<R> targetType;

    protected RunListener(Class<R> targetType) {
        this.targetType = targetType;
    }

    @SuppressWarnings("unchecked")
    protected RunListener() {
        Type base = getClass().getGenericSuperclass();
        Type argument = base instanceof ParameterizedType p ? p.getActualTypeArguments()[0] : Run.class;
        this.targetType = (Class<R>) (argument instanceof ParameterizedType p ? p.getRawType() : argument);
    }

    public void onInitialize(R run) {}

    public void onStarted(R run, TaskListener listener) {}

    public void onCompleted(R run, TaskListener listener) {}

    public void onFinalized(R run) {}

    public void onDeleted(R run) {}

    public static void fireInitialize(Run r) {
        fire(r, l -> l.onInitialize(r));
    }

    public static void fireStarted(Run r, TaskListener listener) {
        fire(r, l -> l.onStarted(r, listener));
    }

    public static void fireCompleted(Run r, TaskListener listener) {
        fire(r, l -> l.onCompleted(r, listener));
    }

    public static void fireFinalized(Run r) {
        fire(r, l -> l.onFinalized(r));
    }

    public static void fireDeleted(Run r) {
        fire(r, l -> l.onDeleted(r));
    }

    public static ExtensionList<RunListener> all() {
        return ExtensionList.lookup(RunListener.class);
    }

    @SuppressWarnings("unchecked")
    private static void fire(Run r, Consumer<RunListener<Run>> call) {
        for (RunListener<?> l : all()) {
            if (l.targetType.isInstance(r)) {
                try {
                    call.accept((RunListener<Run>) l);
                } catch (RuntimeException | LinkageError e) {
                    Logger.getLogger(RunListener.class.getName()).log(Level.WARNING, l + " failed", e);
                }
            }
        }
    }
}
