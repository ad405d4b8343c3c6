package org.kohsuke.stapler;

import jakarta.servlet.http.HttpServletResponse;

/** Stand-in: the answer to a {@link StaplerRequest2}. */
public interface StaplerResponse2 extends HttpServletResponse {
    void sendRedirect2(String url) throws java.io.IOException;
}
