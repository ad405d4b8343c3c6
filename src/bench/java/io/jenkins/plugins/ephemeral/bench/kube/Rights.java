package io.jenkins.plugins.ephemeral.bench.kube;

import io.jenkins.plugins.ephemeral.bench.kube.Rbac.Attempt;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who the bearers of tokens are, and rights taken away beyond what roles say. Users made here may do everything; service
 * accounts get their tokens from the API and may do what roles bound to them allow.
 */
public final class Rights {
    private record Denial(String user, String verb, String resource) {}

    private final Map<String, User> tokens = new ConcurrentHashMap<>();
    private final List<Denial> denials = new CopyOnWriteArrayList<>();

    private volatile boolean rulesHidden;

    Rights() {}

    /** From now on rules reviews are incomplete, as with an authorizer that cannot list what it allows. */
    public void hideRules() {
        rulesHidden = true;
    }

    boolean areRulesHidden() {
        return rulesHidden;
    }

    /**
     * A token for a user that may do everything, until rights are denied to it.
     *
     * @param user user name as it shall stand in messages
     * @return bearer token
     */
    public String token(String user) {
        return issue(new User(user, List.of(User.MASTERS, "system:authenticated")));
    }

    String issue(User user) {
        String token = UUID.randomUUID().toString();
        tokens.put(token, user);
        return token;
    }

    /** A token as API servers issue them for service accounts: a JWT, here with a signature that says nothing. */
    String issueFor(User account) {
        String token = encoded("{\"alg\":\"RS256\"}")
                + '.'
                + encoded("{\"sub\":\"" + account.name() + "\"}")
                + '.'
                + UUID.randomUUID();
        tokens.put(token, account);
        return token;
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    Optional<User> bearer(String token) {
        return Optional.ofNullable(tokens.get(token));
    }

    /** Makes a token worthless: its requests are answered with 401. */
    public void revoke(String token) {
        tokens.remove(token);
    }

    /**
     * Takes a right away.
     *
     * @param user user name, or {@code *}
     * @param verb API verb such as {@code create}, or {@code *}
     * @param resource plural, with a subresource where there is one, such as {@code pods/log}, or {@code *}
     */
    public void deny(String user, String verb, String resource) {
        denials.add(new Denial(user, verb, resource));
    }

    /** Gives back everything that was denied. */
    public void denyNothing() {
        denials.clear();
    }

    boolean denies(User user, Attempt attempt) {
        return denials.stream()
                .anyMatch(d -> fits(d.user(), user.name())
                        && fits(d.verb(), attempt.verb())
                        && fits(d.resource(), attempt.resource()));
    }

    private static boolean fits(String pattern, String value) {
        return pattern.equals("*") || pattern.equals(value);
    }
}
