package hudson;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Stand-in: a few of the small functions everybody uses. */
public class Util {
    public static String fixNull(String s) {
        return s == null ? "" : s;
    }

    public static String fixEmpty(String s) {
        return s == null || s.isEmpty() ? null : s;
    }

    public static String fixEmptyAndTrim(String s) {
        return s == null ? null : fixEmpty(s.trim());
    }

    public static String rawEncode(String s) {
        return java.net.URLEncoder.encode(s, StandardCharsets.UTF_8).replace("+", "%20");
    }

    public static String getTimeSpanString(long duration) {
        java.time.Duration span = java.time.Duration.ofMillis(duration);
        return span.toMinutes() == 0
                ? span.toSeconds() + " sec"
                : span.toMinutes() + " min " + span.toSecondsPart() + " sec";
    }

    public static String escape(String text) {
        return text == null
                ? null
                : text.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&quot;")
                        .replace("'", "&#039;")
                        .replace("\n", "<br>");
    }

    /** MD5 in hexadecimal digits. */
    public static String getDigestOf(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
