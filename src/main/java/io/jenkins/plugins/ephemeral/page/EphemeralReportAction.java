package io.jenkins.plugins.ephemeral.page;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.FilePath;
import hudson.Functions;
import hudson.model.DirectoryBrowserSupport;
import hudson.model.Run;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jenkins.model.RunAction2;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.StaplerResponse2;

/**
 * The report on the build page. Holds nothing itself: the data is a file in the build's folder, which the page's script
 * fetches, so that neither loading a build nor drawing its page reads it.
 */
public final class EphemeralReportAction implements RunAction2 {
    private transient Run<?, ?> run;

    @Override
    public void onAttached(Run<?, ?> attached) {
        run = attached;
    }

    @Override
    public void onLoad(Run<?, ?> loaded) {
        run = loaded;
    }

    /** The build. */
    public Run<?, ?> getRun() {
        return run;
    }

    @CheckForNull
    @Override
    public String getIconFileName() {
        return "symbol-layers plugin-ephemeral-environments";
    }

    @Override
    public String getDisplayName() {
        return "Ephemeral Environments";
    }

    @Override
    public String getUrlName() {
        return "ephemeral-environments";
    }

    /** The report as JSON. Who may read the build may read it: Jenkins has asked before it came here. */
    public void doData(StaplerRequest2 req, StaplerResponse2 rsp) throws IOException, ServletException {
        RunReports.settle(run);
        send(rsp, ReportFile.in(RunReports.folder(run)).path(), "application/json;charset=UTF-8");
    }

    /** The report as JUnit XML. */
    public void doJunit(StaplerRequest2 req, StaplerResponse2 rsp) throws IOException, ServletException {
        send(rsp, ReportFile.in(RunReports.folder(run)).junitPath(), "application/xml;charset=UTF-8");
    }

    /** The artifacts of workflow runs; Jenkins serves them with its rules for what builds produce, and to whom. */
    public DirectoryBrowserSupport doArtifacts() {
        if (Functions.isArtifactsPermissionEnabled()) {
            run.checkPermission(Run.ARTIFACTS);
        }
        Path folder = RunReports.folder(run).resolve("artifacts");
        return new DirectoryBrowserSupport(
                this, new FilePath(folder.toFile()), "Artifacts of workflow runs", "folder.png", true);
    }

    private static void send(StaplerResponse2 rsp, Path file, String type) throws IOException {
        if (!Files.isRegularFile(file)) {
            rsp.sendError(404, "This build has no report of that form yet");
            return;
        }
        rsp.setContentType(type);
        rsp.setHeader("Cache-Control", "no-cache");
        Files.copy(file, rsp.getOutputStream());
    }
}
