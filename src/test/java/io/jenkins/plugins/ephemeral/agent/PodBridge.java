package io.jenkins.plugins.ephemeral.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What Pods of the test cluster reach of this machine. Everything here listens on 127.0.0.1, which is another one inside a
 * Pod; from the address that the cluster's bridge has single ports are forwarded to it. The bridge is made with the first
 * Pod, and listening begins as soon as it is there.
 */
final class PodBridge implements AutoCloseable {
    private final String address;
    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "pod-bridge");
        thread.setDaemon(true);
        return thread;
    });

    /** @param apiServer the test cluster's; {@code src/bench/kube/cluster} derives the network of Pods from its port */
    PodBridge(URI apiServer) {
        this.address = "10." + (100 + apiServer.getPort() % 100) + ".0.1";
    }

    /**
     * Forwards a port of 127.0.0.1.
     *
     * @return {@code address:port}, as Pods reach it
     */
    String open(int port) {
        threads.execute(() -> listen(port));
        return address + ':' + port;
    }

    private void listen(int port) {
        try (ServerSocket server = bound(port)) {
            while (!threads.isShutdown()) {
                Socket from = server.accept();
                Socket to = new Socket();
                open.add(from);
                open.add(to);
                threads.execute(() -> forward(from, to, port));
            }
        } catch (IOException | InterruptedException closed) {
            // the test is over
        }
    }

    private ServerSocket bound(int port) throws IOException, InterruptedException {
        while (true) {
            ServerSocket server = new ServerSocket();
            try {
                server.setReuseAddress(true);
                server.bind(new InetSocketAddress(InetAddress.getByName(address), port));
                open.add(server);
                return server;
            } catch (BindException noBridgeYet) {
                server.close();
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private void forward(Socket from, Socket to, int port) {
        try {
            to.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
            threads.execute(() -> pump(to, from));
            pump(from, to);
        } catch (IOException refused) {
            close(from);
            close(to);
        }
    }

    /** Hands on one direction; its end is told to the other side, whose own direction may go on. */
    private void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
            if (to.isInputShutdown() || from.isOutputShutdown()) {
                close(from);
                close(to);
            }
        } catch (IOException broken) {
            close(from);
            close(to);
        }
    }

    private void close(AutoCloseable socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        open.forEach(this::close);
    }
}
