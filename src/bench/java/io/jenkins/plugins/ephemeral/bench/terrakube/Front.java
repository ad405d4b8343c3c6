package io.jenkins.plugins.ephemeral.bench.terrakube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.regex.Pattern;

/** The HTTP side: token, faults, being away, a record of requests. */
final class Front implements AutoCloseable {
    static final String TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJUZXJyYWt1YmUifQ.c2lnbmF0dXJlLW9mLXRoZS10ZWFt";

    private record Planned(String method, Pattern path, EmbeddedTerrakube.Fault fault) {}

    static {
        // the JDK's server sends head and body of an answer apart, and each would wait 40 ms for the other side's
        // acknowledgement of the first; it reads this once, when it is loaded
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final Api api;
    private final ExecutorService threads = java.util.concurrent.Executors.newCachedThreadPool(r -> {
        Thread thread = new Thread(r, "embedded-terrakube-http");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Planned> planned = new ArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final int port;
    private HttpServer server;

    Front(Api api) {
        this.api = api;
        server = listen(0);
        port = server.getAddress().getPort();
    }

    private HttpServer listen(int wanted) {
        try {
            HttpServer listening =
                    HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), wanted), 50);
            listening.createContext("/", this::handle);
            listening.setExecutor(threads);
            listening.start();
            return listening;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    List<String> requests() {
        return List.copyOf(requests);
    }

    synchronized void goAway() {
        server.stop(0);
        server = null;
    }

    synchronized void comeBack() {
        server = listen(port);
    }

    void failNext(String method, String path, EmbeddedTerrakube.Fault fault) {
        synchronized (planned) {
            planned.add(new Planned(method, Pattern.compile(path), fault));
        }
    }

    private EmbeddedTerrakube.Fault fault(String method, String path) {
        synchronized (planned) {
            for (Planned each : planned) {
                if (each.method.equals(method) && each.path.matcher(path).find()) {
                    planned.remove(each);
                    return each.fault;
                }
            }
            return null;
        }
    }

    private void handle(HttpExchange http) throws IOException {
        // closing without an answer breaks the connection
        try (http) {
            String method = http.getRequestMethod();
            String path = http.getRequestURI().toString();
            requests.add(method + ' ' + path);
            byte[] body = http.getRequestBody().readAllBytes();
            EmbeddedTerrakube.Fault fault = fault(method, path);
            if (fault != null && fault.status() != 0) {
                send(http, Answer.error(fault.status(), "a fault was asked for"));
                return;
            }
            if (fault != null && !fault.carriedOut()) {
                return;
            }
            if (!("Bearer " + TOKEN).equals(http.getRequestHeaders().getFirst("Authorization"))) {
                send(http, new Answer(401, "text/plain", new byte[0]));
                return;
            }
            if (path.endsWith("/stream") && api.streams()) {
                api.stream(http, path);
                return;
            }
            Answer answer = api.answer(http, method, body);
            if (fault == null) {
                send(http, answer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange http, Answer answer) throws IOException {
        http.getResponseHeaders().set("Content-Type", answer.type());
        byte[] body = answer.body();
        http.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            http.getResponseBody().write(body);
        }
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
    }
}
