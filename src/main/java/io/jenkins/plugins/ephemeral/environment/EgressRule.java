package io.jenkins.plugins.ephemeral.environment;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the Pods of an isolated environment may connect to: {@code 10.0.0.0/8:5432}, {@code [2001:db8::/32]:53/udp}. */
final class EgressRule {
    private static final Pattern FORM = Pattern.compile(
            "(?:\\[([0-9A-Fa-f:.]+)/([0-9]{1,3})]|([0-9.]+)/([0-9]{1,2}))(?::([0-9]{1,5})(/tcp|/udp)?)?");
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");

    private final String cidr;
    private final int port;
    private final String protocol;

    private EgressRule(String cidr, int port, String protocol) {
        this.cidr = cidr;
        this.port = port;
        this.protocol = protocol;
    }

    /**
     * @throws IllegalArgumentException saying what is wrong, a clause
     */
    static EgressRule parse(String text) {
        Matcher matcher = FORM.matcher(text == null ? "" : text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("it is not of the form CIDR:port");
        }
        boolean six = matcher.group(1) != null;
        String address = six ? matcher.group(1) : matcher.group(3);
        int bits = Integer.parseInt(six ? matcher.group(2) : matcher.group(4));
        if (six ? !isIpv6(address) : !IPV4.matcher(address).matches()) {
            throw new IllegalArgumentException(address + " is not an address");
        }
        if (bits > (six ? 128 : 32)) {
            throw new IllegalArgumentException("/" + bits + " is longer than an address");
        }
        int port = matcher.group(5) == null ? 0 : Integer.parseInt(matcher.group(5));
        if (matcher.group(5) != null && (port < 1 || port > 65_535)) {
            throw new IllegalArgumentException(port + " is not a port");
        }
        return new EgressRule(address + '/' + bits, port, "/udp".equals(matcher.group(6)) ? "UDP" : "TCP");
    }

    String cidr() {
        return cidr;
    }

    /** The port, or 0 for all of them and all protocols. */
    int port() {
        return port;
    }

    String protocol() {
        return protocol;
    }

    /** Of digits and colons alone, so that it is never looked up. */
    private static boolean isIpv6(String address) {
        try {
            return address.contains(":") && InetAddress.getByName(address).getAddress().length == 16;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
