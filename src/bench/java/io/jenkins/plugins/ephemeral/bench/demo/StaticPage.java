package io.jenkins.plugins.ephemeral.bench.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The build page as files that open without a server: the plugin's own script and stylesheet beside an HTML file that
 * holds the report's JSON as inert text.
 */
public final class StaticPage {
    private static final Path WEBAPP = Path.of("src/main/webapp");

    private StaticPage() {}

    /**
     * Writes the page.
     *
     * @param folder where to; made if it is not there
     * @param reportJson the report as the build page's action serves it
     * @return the HTML file
     */
    public static Path write(Path folder, byte[] reportJson) throws IOException {
        Files.createDirectories(folder);
        for (String name : new String[] {"report.js", "report.css"}) {
            Files.copy(WEBAPP.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        String json = new String(reportJson, StandardCharsets.UTF_8)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
        Path page = folder.resolve("index.html");
        Files.writeString(
                page,
                String.join(
                        "\n",
                        "<!DOCTYPE html>",
                        "<html lang=\"en\" class=\"eph-static\">",
                        "<head>",
                        "<meta charset=\"utf-8\">",
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
                        "<title>Ephemeral Environments: report</title>",
                        "<link rel=\"stylesheet\" href=\"report.css\">",
                        "<script src=\"report.js\" defer></script>",
                        "</head>",
                        "<body>",
                        "<template id=\"report\">" + json + "</template>",
                        "<div class=\"ephemeral-report\" data-view=\"page\" data-report-element=\"report\"></div>",
                        "</body>",
                        "</html>",
                        ""));
        return page;
    }
}
