package jenkins.model;

/** Stand-in: Jenkins' own address. */
public class JenkinsLocationConfiguration extends GlobalConfiguration {
    private String jenkinsUrl;

    public static JenkinsLocationConfiguration get() {
        return hudson.ExtensionList.lookupSingleton(JenkinsLocationConfiguration.class);
    }

    public String getUrl() {
        return jenkinsUrl;
    }

    public void setUrl(String jenkinsUrl) {
        this.jenkinsUrl = jenkinsUrl;
        save();
    }
}
