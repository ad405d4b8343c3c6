package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Rbac.Attempt;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The kinds that are questions: access reviews, rules reviews, who one is, token requests. Nothing of them is stored. */
final class Reviews {
    private final Rbac rbac;
    private final Rights rights;
    private final Store store;
    private final ServerVersion version;

    Reviews(Rbac rbac, Rights rights, Store store, ServerVersion version) {
        this.version = version;
        this.rbac = rbac;
        this.rights = rights;
        this.store = store;
    }

    /** Answers a POST to one of these kinds, or returns null when it is none of them. */
    ObjectNode answer(ApiRequest request, User user) {
        if (!request.verb().equals("create")) {
            return null;
        }
        return switch (request.group() + "/" + request.fullResource()) {
            case "authorization.k8s.io/selfsubjectaccessreviews" -> accessReview(request.object(), user);
            case "authorization.k8s.io/selfsubjectrulesreviews" -> rulesReview(request.object(), user);
            case "authentication.k8s.io/selfsubjectreviews" ->
                version.tellsWhoOneIs() ? selfReview(request.object(), user) : null;
            case "/serviceaccounts/token" -> token(request);
            default -> null;
        };
    }

    private ObjectNode accessReview(ObjectNode review, User user) {
        JsonNode wanted = review.at("/spec/resourceAttributes");
        String subresource = Json.text(wanted, "/subresource");
        String resource = Json.text(wanted, "/resource") + (subresource.isEmpty() ? "" : "/" + subresource);
        Attempt attempt = new Attempt(
                Json.text(wanted, "/verb"),
                Json.text(wanted, "/group"),
                resource,
                Json.text(wanted, "/namespace"),
                Json.text(wanted, "/name"));
        identify(review, "SelfSubjectAccessReview");
        review.putObject("status").put("allowed", rbac.allows(user, attempt));
        return review;
    }

    private ObjectNode selfReview(ObjectNode review, User user) {
        review.put("kind", "SelfSubjectReview");
        Json.child(review, "metadata").putNull("creationTimestamp");
        ObjectNode info = review.putObject("status").putObject("userInfo").put("username", user.name());
        ArrayNode groups = info.putArray("groups");
        user.groups().forEach(groups::add);
        return review;
    }

    private static void identify(ObjectNode review, String kind) {
        review.put("kind", kind).put("apiVersion", "authorization.k8s.io/v1");
        Json.child(review, "metadata").putNull("creationTimestamp");
    }

    private ObjectNode rulesReview(ObjectNode review, User user) {
        String namespace = Json.text(review, "/spec/namespace");
        if (namespace.isEmpty()) {
            throw ApiError.badRequest("no namespace on request");
        }
        identify(review, "SelfSubjectRulesReview");
        ObjectNode status = review.putObject("status").put("incomplete", rights.areRulesHidden());
        ArrayNode rules = status.putArray("resourceRules");
        if (rights.areRulesHidden()) {
            status.put("evaluationError", "webhook authorizer does not support user rule resolution");
        } else {
            rbac.rules(user, namespace).forEach(rules::add);
        }
        status.putArray("nonResourceRules");
        return review;
    }

    private ObjectNode token(ApiRequest request) {
        ResourceType type = new ResourceType("", "v1", "ServiceAccount", "serviceaccounts", true, false);
        store.get("serviceaccounts", request.namespace(), request.name())
                .orElseThrow(() -> ApiError.notFound(type, request.name()));
        ObjectNode answer = request.object();
        answer.put("kind", "TokenRequest").put("apiVersion", "authentication.k8s.io/v1");
        long seconds = answer.at("/spec/expirationSeconds").asLong(3600);
        answer.putObject("status")
                .put("token", rights.issueFor(User.serviceAccount(request.namespace(), request.name())))
                .put(
                        "expirationTimestamp",
                        Instant.now()
                                .plusSeconds(seconds)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString());
        return answer;
    }
}
