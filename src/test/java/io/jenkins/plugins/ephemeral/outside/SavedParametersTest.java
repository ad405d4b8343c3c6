package io.jenkins.plugins.ephemeral.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;

public class SavedParametersTest {
    /** Some of each kind that the real ones have. */
    public static final class Parameters extends SavedParameters {
        private static final long serialVersionUID = 1L;

        public String name;
        public String level = "baseline";
        public boolean follow = true;
        public int count = 3;
        public Integer limit = 7;
        public Duration timeout = Duration.ofMinutes(10);
        public List<Map<String, String>> volumes = new ArrayList<>();
        public Map<String, String> labels = new LinkedHashMap<>();

        public String getNothingOfThis() {
            throw new AssertionError("getters are no parameters");
        }
    }

    @Test
    public void whatIsSetComesBack() throws Exception {
        Parameters given = new Parameters();
        given.name = "shop";
        given.timeout = Duration.ofSeconds(90);
        given.volumes.add(Map.of("mountPath", "/cache"));
        given.labels.put("z", "1");
        given.labels.put("a", "2");

        Parameters read = saved(given);

        assertThat(read).usingRecursiveComparison().isEqualTo(given);
        assertThat(read.labels.keySet()).containsExactly("z", "a");
    }

    @Test
    public void whatDiffersFromADefaultByBeingNothingComesBackToo() throws Exception {
        Parameters given = new Parameters();
        given.follow = false;
        given.count = 0;
        given.limit = null;
        given.level = "";

        assertThat(saved(given)).usingRecursiveComparison().isEqualTo(given);
    }

    @Test
    public void defaultsTakeNoRoom() throws Exception {
        assertThat(bytes(new Parameters()).length).isLessThan(250);
    }

    private static Parameters saved(Parameters given) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes(given)))) {
            return (Parameters) in.readObject();
        }
    }

    private static byte[] bytes(Parameters given) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(given);
        }
        return bytes.toByteArray();
    }
}
