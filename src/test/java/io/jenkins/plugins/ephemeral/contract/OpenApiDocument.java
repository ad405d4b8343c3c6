package io.jenkins.plugins.ephemeral.contract;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One published OpenAPI document with the {@linkplain Amendment amendments}, and exchanges held against it. */
final class OpenApiDocument {
    /** Answers that may be due to the request; whether it was right then is the server's business to say. */
    private static final Set<Integer> BLAMES_REQUEST = Set.of(400, 401, 403);

    /** Tells about every body that is no JSON; kept, since loggers that nobody holds lose their level. */
    private static final Logger CHATTY = Logger.getLogger("com.atlassian.oai.validator");

    static {
        CHATTY.setLevel(Level.WARNING);
    }

    private final OpenApiInteractionValidator validator;

    /**
     * @param file name below {@code testkube/openapi} of the test resources
     * @param amendments what Testkube does otherwise than the document says
     */
    OpenApiDocument(String file, Set<Amendment> amendments) {
        String resource = "/testkube/openapi/" + file;
        try (InputStream in = OpenApiDocument.class.getResourceAsStream(resource)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            ParseOptions options = new ParseOptions();
            options.setResolve(true);
            var parsed = new OpenAPIV3Parser().readContents(text, null, options);
            OpenAPI api = parsed.getOpenAPI();
            Inlining.apply(api);
            amendments.forEach(amendment -> amendment.applyTo(api));
            // a parameter that the document does not know is read by nobody
            LevelResolver levels = LevelResolver.create()
                    .withLevel("validation.request.parameter.query.unexpected", ValidationReport.Level.ERROR)
                    .build();
            validator = OpenApiInteractionValidator.createFor(api)
                    .withLevelResolver(levels)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What is wrong with a request and its answer.
     *
     * @param exchange what was sent
     * @param path its path as this document knows it
     */
    List<String> violations(Exchange exchange, String path) {
        List<String> violations = new ArrayList<>();
        if (!BLAMES_REQUEST.contains(exchange.status())) {
            collect("request", validator.validateRequest(request(exchange, path)), violations);
        }
        if (exchange.status() != 0 && !isStream(exchange)) {
            SimpleResponse.Builder response = SimpleResponse.Builder.status(exchange.status());
            if (exchange.responseType() != null) {
                response.withContentType(exchange.responseType()).withBody(exchange.responseBody());
            }
            collect("response", validator.validateResponse(path, method(exchange), response.build()), violations);
        }
        return violations;
    }

    private static boolean isStream(Exchange exchange) {
        return exchange.status() == 200 && exchange.responseType() != null && exchange.responseBody().length == 0;
    }

    private static Request.Method method(Exchange exchange) {
        return Request.Method.valueOf(exchange.method());
    }

    private static Request request(Exchange exchange, String path) {
        SimpleRequest.Builder request = new SimpleRequest.Builder(method(exchange), path);
        exchange.requestHeaders().forEach(request::withHeader);
        String query = exchange.uri().getRawQuery();
        if (query != null) {
            for (String pair : query.split("&")) {
                String[] parts = pair.split("=", 2);
                request.withQueryParam(parts[0], parts.length == 2 ? decode(parts[1]) : "");
            }
        }
        if (exchange.requestBody().length > 0) {
            request.withBody(exchange.requestBody());
        }
        return request.build();
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void collect(String side, ValidationReport report, List<String> violations) {
        for (ValidationReport.Message message : report.getMessages()) {
            if (message.getLevel() == ValidationReport.Level.ERROR) {
                violations.add(side + ": " + message.getKey() + ": " + message.getMessage() + " "
                        + message.getAdditionalInfo());
            }
        }
    }
}
