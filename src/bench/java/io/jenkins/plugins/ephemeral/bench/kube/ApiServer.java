package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Faults.Fault;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * HTTP and web sockets, on the server that fabric8's own mock server is made of: that one answers with whole bodies only, so it
 * could not follow a log.
 */
final class ApiServer implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(ApiServer.class.getName());

    private final Vertx vertx = Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
    private final Routes routes;
    private final Watches watches;
    private final PodLogs logs;
    private final Requests requests;
    private final ServerCertificate certificate;
    private final Faults faults = new Faults(this::stopListening, this::listen);
    private final AtomicInteger connections = new AtomicInteger();
    private HttpServer server;
    private int port;

    /**
     * @param certificate what it shows to clients; null for plain HTTP
     */
    ApiServer(Routes routes, Watches watches, PodLogs logs, Requests requests, ServerCertificate certificate) {
        this.certificate = certificate;
        this.routes = routes;
        this.watches = watches;
        this.logs = logs;
        this.requests = requests;
    }

    ServiceProxies serviceProxies() {
        return routes.proxies();
    }

    Faults faults() {
        return faults;
    }

    int port() {
        return port;
    }

    synchronized void listen() {
        if (server != null) {
            return;
        }
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(certificate != null)
                .setUseAlpn(certificate != null)
                .setKeyCertOptions(certificate == null ? null : certificate.options())
                .setHost("127.0.0.1")
                .setPort(port)
                .setMaxInitialLineLength(1 << 16)
                .setMaxHeaderSize(1 << 16);
        server = await(vertx.createHttpServer(options)
                .connectionHandler(this::count)
                .requestHandler(this::receive)
                .listen());
        port = server.actualPort();
    }

    private void count(HttpConnection connection) {
        connections.incrementAndGet();
        connection.closeHandler(v -> connections.decrementAndGet());
    }

    int connections() {
        return connections.get();
    }

    private synchronized void stopListening() {
        if (server != null) {
            await(server.close());
            server = null;
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the embedded API server does not answer", e);
        }
    }

    private void receive(HttpServerRequest http) {
        if ("websocket".equalsIgnoreCase(http.getHeader("upgrade"))) {
            http.pause();
            serve(http, new byte[0]);
        } else {
            http.body().onSuccess(body -> serve(http, body.getBytes()));
        }
    }

    private void serve(HttpServerRequest http, byte[] body) {
        Map<String, String> query = new LinkedHashMap<>();
        http.params().forEach(query::put);
        Map<String, String> headers = new HashMap<>();
        http.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        ApiRequest request = new ApiRequest(http.method().name(), http.path(), query, headers, body);
        Exchange exchange = new Exchange(http, request);
        Optional<Fault> fault = faults.meeting(request);
        if (fault.isEmpty()) {
            exchange.handle();
        } else {
            exchange.suffer(fault.get());
        }
    }

    /** One request and its answer. */
    private final class Exchange {
        private final HttpServerRequest http;
        private final ApiRequest request;
        private User user = new User("", java.util.List.of());
        private boolean loseAnswer;

        private Exchange(HttpServerRequest http, ApiRequest request) {
            this.http = http;
            this.request = request;
        }

        private void suffer(Fault fault) {
            loseAnswer = fault.losesAnswer();
            if (fault.dropsRequest()) {
                breakConnection();
            } else if (fault.statusCode() != 0) {
                ApiError error = ApiError.of(fault.statusCode(), reason(fault.statusCode()), "injected fault");
                if (fault.retryAfterSeconds() >= 0) {
                    error.retryAfterSeconds(fault.retryAfterSeconds());
                    http.response().putHeader("Retry-After", Integer.toString(fault.retryAfterSeconds()));
                }
                answer(error.code(), error.status());
            } else if (fault.delay().toMillis() > 0) {
                vertx.setTimer(fault.delay().toMillis(), timer -> handle());
            } else {
                handle();
            }
        }

        private static String reason(int code) {
            return switch (code) {
                case 401 -> "Unauthorized";
                case 403 -> "Forbidden";
                case 429 -> "TooManyRequests";
                case 503 -> "ServiceUnavailable";
                case 504 -> "Timeout";
                default -> "InternalError";
            };
        }

        private void handle() {
            try {
                user = routes.authenticate(request);
                routes.authorize(request, user);
                if (request.isResource() && request.isWatch()) {
                    watch();
                } else if (request.fullResource().equals("pods/log")
                        && request.method().equals("GET")) {
                    log();
                } else if (request.fullResource().equals("services/proxy")) {
                    proxy();
                } else {
                    Routes.Answer answer = routes.answer(request, user);
                    answer(answer.code(), answer.body());
                }
            } catch (ApiError error) {
                answer(error.code(), error.status());
            } catch (RuntimeException e) {
                LOGGER.log(Level.WARNING, request.method() + " " + request.path(), e);
                answer(500, ApiError.of(500, "InternalError", e.toString()).status());
            }
        }

        /** What answers may take its time. */
        private void proxy() {
            vertx.<Routes.Answer>executeBlocking(answer -> answer.complete(routes.answer(request, user)), false)
                    .onSuccess(answer -> answer(answer.code(), answer.body()))
                    .onFailure(failure -> {
                        ApiError error = failure instanceof ApiError known
                                ? known
                                : ApiError.of(500, "InternalError", failure.toString());
                        answer(error.code(), error.status());
                    });
        }

        private void record(int status) {
            requests.add(new Requests.Request(
                    user.name(),
                    request.verb(),
                    request.fullResource(),
                    request.method(),
                    request.path(),
                    request.queryText(),
                    status));
        }

        private void breakConnection() {
            record(0);
            http.connection().close();
        }

        private void answer(int code, com.fasterxml.jackson.databind.JsonNode body) {
            if (loseAnswer) {
                breakConnection();
                return;
            }
            record(code);
            byte[] bytes = body.isTextual()
                    ? body.asText().getBytes(java.nio.charset.StandardCharsets.UTF_8)
                    : Json.write(body);
            http.response()
                    .setStatusCode(code)
                    .putHeader("Content-Type", body.isTextual() ? "text/plain" : "application/json")
                    .end(io.vertx.core.buffer.Buffer.buffer(bytes));
        }

        private void log() {
            Context context = vertx.getOrCreateContext();
            HttpServerResponse response = http.response();
            ResourceType pods = routes.type(request);
            boolean[] begun = {false};
            logs.write(
                    pods,
                    request,
                    text -> {
                        if (!begun[0]) {
                            begun[0] = true;
                            response.setChunked(true).putHeader("Content-Type", "text/plain");
                            record(200);
                        }
                        context.runOnContext(v -> write(response, text));
                    },
                    () -> context.runOnContext(v -> {
                        if (!response.closed()) {
                            response.end();
                        }
                    }));
        }

        private void write(HttpServerResponse response, String text) {
            if (!response.closed()) {
                // an empty text still sends the head of the answer, which the client waits for
                response.write(text);
            }
        }

        private void watch() {
            ResourceType type = routes.type(request);
            if ("websocket".equalsIgnoreCase(http.getHeader("upgrade"))) {
                Context context = vertx.getOrCreateContext();
                http.toWebSocket().onSuccess(socket -> context.runOnContext(v -> watch(type, socket)));
                http.resume();
            } else {
                watch(type, http.response().setChunked(true).putHeader("Content-Type", "application/json"));
            }
            record(200);
        }

        private void watch(ResourceType type, ServerWebSocket socket) {
            Context context = vertx.getOrCreateContext();
            Runnable close = watches.open(type, request, events(context, text -> {
                if (!socket.isClosed()) {
                    socket.writeTextMessage(text);
                }
            }));
            socket.closeHandler(v -> close.run());
            timeout(close, socket::close);
        }

        private void watch(ResourceType type, HttpServerResponse response) {
            response.write(""); // the head of the answer, which the client waits for
            Context context = vertx.getOrCreateContext();
            Runnable close = watches.open(type, request, events(context, text -> {
                if (!response.closed()) {
                    response.write(text + "\n");
                }
            }));
            response.closeHandler(v -> close.run());
            timeout(close, response::end);
        }

        private Consumer<ObjectNode> events(Context context, Consumer<String> write) {
            return event -> {
                String text = event.toString();
                context.runOnContext(v -> write.accept(text));
            };
        }

        private void timeout(Runnable close, Runnable end) {
            String seconds = request.query("timeoutSeconds");
            if (!seconds.isEmpty()) {
                vertx.setTimer(Math.max(1, Long.parseLong(seconds) * 1000), timer -> {
                    close.run();
                    end.run();
                });
            }
        }
    }

    /** Calls back periodically on the server's own thread. */
    void every(long milliseconds, Runnable task) {
        vertx.setPeriodic(milliseconds, timer -> task.run());
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}
