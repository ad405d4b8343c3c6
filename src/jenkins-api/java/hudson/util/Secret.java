package hudson.util;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Stand-in: text that is not written down in the clear. No protection at all: the key is no key. */
public final class Secret implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String MARK = "{";
    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    @Override
    @Deprecated
    public String toString() {
        return value;
    }

    public String getPlainText() {
        return value;
    }

    public String getEncryptedValue() {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= (byte) 0x5a;
        }
        return MARK + Base64.getEncoder().encodeToString(bytes) + "}";
    }

    /** The secret behind {@code data}, or null where it is not an encrypted value. */
    public static Secret decrypt(String data) {
        if (data == null || !data.startsWith(MARK) || !data.endsWith("}")) {
            return null;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(data.substring(1, data.length() - 1));
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= (byte) 0x5a;
            }
            return new Secret(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** From plain or encrypted text; null gives the empty secret. */
    public static Secret fromString(String data) {
        String text = data == null ? "" : data;
        Secret s = decrypt(text);
        return s == null ? new Secret(text) : s;
    }

    public static String toString(Secret s) {
        return s == null ? null : s.value;
    }

    @Override
    public boolean equals(Object that) {
        return that instanceof Secret other && value.equals(other.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }
}
