package org.kohsuke.stapler;

import jakarta.servlet.http.HttpServletRequest;
import net.sf.json.JSONObject;

/** Stand-in: a request as views and actions see it. */
public interface StaplerRequest2 extends HttpServletRequest {
    String getRestOfPath();

    boolean hasParameter(String name);

    <T> T findAncestorObject(Class<T> type);

    void bindJSON(Object bean, JSONObject src);
}
