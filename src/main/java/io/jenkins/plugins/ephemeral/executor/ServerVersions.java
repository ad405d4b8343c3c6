package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.VersionInfo;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/** What the API servers know, asked once per cluster and life of Jenkins. */
final class ServerVersions {
    /** What matters here about a server's version. */
    static final class ServerVersion {
        /** Of a server that does not say: nothing is taken for granted. */
        static final ServerVersion UNKNOWN = new ServerVersion(0, 0);

        private final int major;
        private final int minor;

        ServerVersion(int major, int minor) {
            this.major = major;
            this.minor = minor;
        }

        /** Of {@code 1} and {@code 28+}. */
        static ServerVersion parse(String major, String minor) {
            try {
                return new ServerVersion(number(major), number(minor));
            } catch (NumberFormatException e) {
                return UNKNOWN;
            }
        }

        private static int number(String text) {
            return Integer.parseInt(String.valueOf(text).replaceAll("[^0-9].*$", ""));
        }

        /** Whether {@code podReplacementPolicy} of Jobs is known (1.28, beta in 1.29, where it is on by default). */
        boolean knowsPodReplacementPolicy() {
            return major > 1 || major == 1 && minor >= 28;
        }

        @Override
        public String toString() {
            return this == UNKNOWN ? "an unknown version" : major + "." + minor;
        }
    }

    private final Map<Cluster, ServerVersion> versions = Collections.synchronizedMap(new WeakHashMap<>());

    /** The version of a cluster's API server. */
    ServerVersion of(Cluster cluster) {
        ServerVersion known = versions.get(cluster);
        if (known == null) {
            known = ask(cluster);
            versions.put(cluster, known);
        }
        return known;
    }

    private static ServerVersion ask(Cluster cluster) {
        try {
            VersionInfo info = cluster.call("reading version", "version", client -> client.getKubernetesVersion());
            return info == null ? ServerVersion.UNKNOWN : ServerVersion.parse(info.getMajor(), info.getMinor());
        } catch (UserFault refused) {
            return ServerVersion.UNKNOWN;
        }
    }
}
