package io.jenkins.plugins.ephemeral.bench.testkube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/** The HTTP side: authentication, faults, outages, recording; everything else is {@link Routes}. */
final class HttpFront implements AutoCloseable {
    static {
        // the JDK's server sends head and body of an answer apart, and each would wait 40 ms for the other side's
        // acknowledgement of the first; it reads this once, when it is loaded
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private record PlannedFault(String method, Pattern path, ServerFault fault) {}

    private final Routes routes;
    private final String apiToken;
    private final ExecutorService threads;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<PlannedFault> faults = new ArrayList<>();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final int port;
    private HttpServer server;
    private volatile Outage outage;

    HttpFront(Routes routes, String apiToken) {
        this.routes = routes;
        this.apiToken = apiToken;
        this.threads = Executors.newCachedThreadPool(r -> {
            Thread thread = new Thread(r, "embedded-control-plane-http");
            thread.setDaemon(true);
            return thread;
        });
        server = listen(0);
        port = server.getAddress().getPort();
    }

    private HttpServer listen(int wantedPort) {
        try {
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            HttpServer listening = HttpServer.create(new InetSocketAddress(loopback, wantedPort), 1024);
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

    synchronized void beginOutage(Outage kind) {
        endOutage();
        outage = kind;
        if (kind == Outage.CONNECTION_REFUSED) {
            server.stop(0);
            server = null;
        }
    }

    synchronized void endOutage() {
        outage = null;
        if (server == null) {
            server = listen(port);
        }
    }

    void failNext(String method, String pathRegex, ServerFault fault) {
        synchronized (faults) {
            faults.add(new PlannedFault(method, Pattern.compile(pathRegex), fault));
        }
    }

    List<Exchange> exchanges() {
        synchronized (exchanges) {
            return List.copyOf(exchanges);
        }
    }

    void forgetExchanges() {
        synchronized (exchanges) {
            exchanges.clear();
        }
    }

    private void handle(HttpExchange http) throws IOException {
        try {
            Call call = read(http);
            ServerFault fault = takeFault(call);
            if (outage == Outage.CONNECTION_DROPPED || is(fault, ServerFault.Kind.DROPPED_BEFORE)) {
                record(call, null);
                return;
            }
            Answer answer = answer(call, fault);
            if (is(fault, ServerFault.Kind.ANSWER_LOST)) {
                record(call, null);
            } else if (is(fault, ServerFault.Kind.NO_ANSWER)) {
                record(call, null);
                closed.await();
            } else {
                record(call, answer);
                send(http, answer, fault);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // without an answer sent before, this breaks the connection
            http.close();
        }
    }

    private static boolean is(ServerFault fault, ServerFault.Kind kind) {
        return fault != null && fault.kind() == kind;
    }

    private Answer answer(Call call, ServerFault fault) {
        try {
            if (outage == Outage.SERVER_ERROR) {
                throw new Problem(503, "Service Unavailable", "the control plane is not available", null);
            }
            if (is(fault, ServerFault.Kind.STATUS)) {
                throw new Problem(fault.status(), "Fault", "a fault was asked for", null);
            }
            boolean isPublic = call.rawPath().startsWith(PresignedDownloads.STORAGE)
                    || call.rawPath().startsWith(StandInAgents.PATH)
                    || call.rawPath().startsWith(EnvironmentRoutes.STANDALONE + '/');
            if (!isPublic && !("Bearer " + apiToken).equals(call.header("authorization"))) {
                throw new Problem(401, "Unauthorized", "the API token is missing or not valid", null);
            }
            return routes.answer(call);
        } catch (Problem problem) {
            return problem.answer(call.rawPath());
        } catch (RuntimeException e) {
            return Problem.internal(e.toString()).answer(call.rawPath());
        }
    }

    private static Call read(HttpExchange http) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        http.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
        byte[] body = http.getRequestBody().readAllBytes();
        return new Call(http.getRequestMethod(), http.getRequestURI(), headers, body);
    }

    private ServerFault takeFault(Call call) {
        synchronized (faults) {
            for (PlannedFault planned : faults) {
                if (planned.method().equals(call.method())
                        && planned.path().matcher(call.rawPath()).find()) {
                    faults.remove(planned);
                    return planned.fault();
                }
            }
            return null;
        }
    }

    private void record(Call call, Answer answer) {
        Exchange exchange = new Exchange(
                call.method(),
                call.uri(),
                call.headers(),
                call.body(),
                answer == null ? 0 : answer.status(),
                answer == null ? null : answer.contentType(),
                answer == null ? new byte[0] : answer.body());
        synchronized (exchanges) {
            exchanges.add(exchange);
        }
    }

    private static void send(HttpExchange http, Answer answer, ServerFault fault)
            throws IOException, InterruptedException {
        if (answer.contentType() != null) {
            http.getResponseHeaders().set("Content-Type", answer.contentType());
        }
        if (fault != null && fault.retryAfter() != null) {
            http.getResponseHeaders()
                    .set("Retry-After", String.valueOf(fault.retryAfter().toSeconds()));
        }
        if (answer.stream() != null) {
            http.sendResponseHeaders(answer.status(), 0);
            try (OutputStream out = http.getResponseBody()) {
                answer.stream().writeTo(out);
            }
            return;
        }
        byte[] body = answer.body();
        http.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            http.getResponseBody().write(body);
        }
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
    }
}
