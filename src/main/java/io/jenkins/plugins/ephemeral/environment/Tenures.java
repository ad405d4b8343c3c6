package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Outside;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** In which clusters this life of the controller speaks for its id. */
public final class Tenures {
    private final EnvironmentService service;
    private final Path directory;
    private final Outside outside;
    private final String nonce = UUID.randomUUID().toString();
    private final Map<String, Tenure> tenures = new ConcurrentHashMap<>();

    Tenures(EnvironmentService service, Path directory, Outside outside) {
        this.service = service;
        this.directory = directory;
        this.outside = outside;
    }

    Tenure of(String cluster) {
        return tenures.computeIfAbsent(
                cluster,
                name -> new Tenure(
                        service, TenureFile.open(directory.resolve(Names.hash(name) + ".json"), outside, nonce)));
    }

    /** Whether somebody else speaks for this controller's id there, as it was seen last. No I/O. */
    boolean isContested(String cluster) {
        Tenure tenure = tenures.get(cluster);
        return tenure != null && tenure.state() == Tenure.State.CONTESTED;
    }

    /**
     * The clusters where another Jenkins with this one's id is at work, with who that is: nothing is deleted there by this
     * one. No I/O.
     */
    public Map<String, String> contested() {
        Map<String, String> contested = new TreeMap<>();
        tenures.forEach((cluster, tenure) -> {
            if (tenure.state() == Tenure.State.CONTESTED) {
                contested.put(cluster, tenure.other());
            }
        });
        return contested;
    }

    /** A person says that this is the right one: the other one stops deleting when it sees that. */
    public void takeOver(String cluster) {
        of(cluster).takeOver(service.cluster(cluster));
    }
}
