package io.jenkins.plugins.ephemeral.conformance;

import io.fabric8.kubernetes.client.Config;

/** The subject of the conformance suite. */
public interface TestCluster extends AutoCloseable {
    /** A client configuration that may do everything. */
    Config admin();

    /** Makes the server forget its history, where that can be told; else history is old enough by itself. */
    void forgetHistory();

    @Override
    void close();

    /** The same server, for the bearer of a token. */
    default Config bearer(String token) {
        Config config = Config.empty();
        config.setMasterUrl(admin().getMasterUrl());
        config.setCaCertData(admin().getCaCertData());
        config.setOauthToken(token);
        return config;
    }
}
