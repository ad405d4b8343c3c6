/*
 * Draws a build's report. The same script serves the build page in Jenkins, its summary, and the static file: it finds
 * each element of class "ephemeral-report" and reads the report from data-report-url, or from the template element
 * that data-report-element names. Everything from a report goes into the page as text, never as markup.
 */
(function () {
  "use strict";

  var VERDICTS = {
    PASSED: "passed",
    FAILED: "failed",
    ERROR: "error",
    ABORTED: "aborted",
    SKIPPED: "skipped",
    RUNNING: "running",
  };

  function el(tag, className, text) {
    var element = document.createElement(tag);
    if (className) {
      element.className = className;
    }
    if (text !== undefined && text !== null) {
      element.textContent = text;
    }
    for (var i = 3; i < arguments.length; i++) {
      if (arguments[i]) {
        element.appendChild(arguments[i]);
      }
    }
    return element;
  }

  function badge(verdict, text) {
    var kind = VERDICTS[verdict] || "unknown";
    return el("span", "eph-badge eph-" + kind, text || kind);
  }

  /** Milliseconds in words: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min. */
  function duration(millis) {
    if (millis === null || millis === undefined || isNaN(millis) || millis < 0) {
      return "";
    }
    if (millis < 9950) {
      return (millis / 1000).toFixed(1) + " s";
    }
    var seconds = Math.round(millis / 1000);
    if (seconds < 60) {
      return seconds + " s";
    }
    var minutes = Math.floor(seconds / 60);
    if (minutes < 60) {
      return minutes + " min " + (seconds % 60) + " s";
    }
    return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
  }

  function between(from, to) {
    return from && to ? Date.parse(to) - Date.parse(from) : null;
  }

  function time(value) {
    if (!value) {
      return null;
    }
    var element = el("time", null, new Date(value).toLocaleString());
    element.setAttribute("datetime", value);
    return element;
  }

  /** A link, only to where a link may go: http(s) addresses and paths below this page. */
  function link(href, text) {
    var address = String(href);
    if (!/^https?:\/\//i.test(address) && !/^[\w%][\w%./-]*$/.test(address)) {
      return el("span", null, text);
    }
    var element = el("a", null, text);
    element.href = address;
    element.rel = "noopener noreferrer";
    return element;
  }

  function fact(list, name, value) {
    if (value === null || value === undefined || value === "") {
      return;
    }
    list.appendChild(el("dt", null, name));
    var cell = el("dd");
    cell.append(value);
    list.appendChild(cell);
  }

  function section(title, count) {
    var heading = el("h2", "eph-heading", title);
    if (count !== undefined) {
      heading.appendChild(el("span", "eph-count", String(count)));
    }
    return el("section", "eph-section", null, heading);
  }

  function log(text, label) {
    var box = el("pre", "eph-log", text);
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", label);
    return box;
  }

  /** A row that opens; what is in it is drawn when it first does, so that a long report opens at once. */
  function row(key, open, heads, fill) {
    var details = el("details", "eph-row");
    details.dataset.key = key;
    var summary = el("summary", "eph-summary");
    heads.forEach(function (head) {
      if (head) {
        summary.appendChild(head);
      }
    });
    details.appendChild(summary);
    var body = el("div", "eph-body");
    details.appendChild(body);
    var drawn = false;
    function draw() {
      if (!drawn && details.open) {
        drawn = true;
        fill(body);
      }
    }
    details.addEventListener("toggle", draw);
    details.open = open;
    draw();
    return details;
  }

  function isBad(verdict) {
    return verdict === "FAILED" || verdict === "ERROR" || verdict === "ABORTED";
  }

  function counts(workflows) {
    var sum = { tests: 0, failed: 0, skipped: 0 };
    workflows.forEach(function (workflow) {
      (workflow.executions || []).forEach(function (execution) {
        (execution.suites || []).forEach(function (suite) {
          sum.tests += suite.tests;
          sum.failed += suite.failed;
          sum.skipped += suite.skipped;
        });
      });
    });
    return sum;
  }

  function tally(sum) {
    if (!sum.tests) {
      return "";
    }
    var text = sum.tests + (sum.tests === 1 ? " test" : " tests");
    text += sum.failed ? ", " + sum.failed + " failed" : "";
    return text + (sum.skipped ? ", " + sum.skipped + " skipped" : "");
  }

  function drawEnvironment(environment) {
    var heads = [
      el("span", "eph-name", environment.namespace || environment.name),
      el("span", "eph-state", String(environment.state || "").toLowerCase()),
      el("span", "eph-note", environment.cluster ? "in " + environment.cluster : ""),
      el("span", "eph-time", environment.readyAt ? "ready in " + duration(between(environment.requestedAt, environment.readyAt)) : ""),
    ];
    return row("environment:" + environment.name, Boolean(environment.reason), heads, function (body) {
      if (environment.reason) {
        body.appendChild(el("p", "eph-reason", environment.reason));
      }
      var facts = el("dl", "eph-facts");
      Object.keys(environment.urls || {}).forEach(function (name) {
        fact(facts, name, link(environment.urls[name], environment.urls[name]));
      });
      fact(facts, "Requested", time(environment.requestedAt));
      fact(facts, "Released", time(environment.releasedAt));
      fact(facts, "Expires at the latest", time(environment.expiresAt));
      (environment.agents || []).forEach(function (agent) {
        fact(facts, "Agent", agent.name + " (" + agent.mode + ", " + agent.controlPlane + ")");
      });
      fact(facts, "Resources", (environment.resources || []).join(", "));
      body.appendChild(facts);
      if (environment.plan) {
        body.appendChild(log(environment.plan, "Plan of environment " + environment.name));
      }
    });
  }

  function drawStage(stage) {
    var heads = [
      badge(stage.verdict, stage.outcome ? stage.outcome.toLowerCase().replace(/_/g, " ") : undefined),
      el("span", "eph-name", stage.name),
      el("span", "eph-note", stage.type),
      el("span", "eph-time", duration(between(stage.startedAt, stage.finishedAt))),
    ];
    return row("stage:" + stage.name, isBad(stage.verdict), heads, function (body) {
      if (stage.reason) {
        body.appendChild(el("p", "eph-reason", stage.reason));
      }
      var facts = el("dl", "eph-facts");
      fact(facts, "Exit code", stage.exitCode === undefined ? "" : String(stage.exitCode));
      fact(facts, "Image", stage.image);
      fact(facts, "Job", stage.jobName ? [stage.cluster, stage.namespace, stage.jobName].filter(Boolean).join("/") : "");
      fact(facts, "Waited to start", duration(between(stage.createdAt, stage.startedAt)));
      drawTerrakube(facts, body, stage.terrakube);
      if (stage.logTail) {
        body.appendChild(log(stage.logTail, "Log of stage " + stage.name));
        var shown = stage.logTail.replace(/\n$/, "").split("\n").length;
        if (stage.logLines > shown) {
          body.appendChild(el("p", "eph-note", "The last " + shown + " of " + stage.logLines + " lines; all of them are in the build's console."));
        }
      }
    });
  }

  /** What a Terrakube control plane knows of a stage: its job, what it changes, its outputs. */
  function drawTerrakube(facts, body, job) {
    body.appendChild(facts);
    if (!job) {
      return;
    }
    var name = "job " + job.jobId + " in workspace " + job.workspace;
    fact(facts, "Terrakube", job.link ? link(job.link, name) : name);
    fact(facts, "Its status", job.status);
    fact(facts, "Commit", job.commitId);
    fact(facts, "Waits for", job.waitingStepId ? "an approval" + (job.approvalTeam ? " by " + job.approvalTeam : "") : "");
    (job.outputs || []).forEach(function (output) {
      fact(facts, "Output " + output.name, output.sensitive ? "(sensitive)" : output.value);
    });
    var changes = job.changes || [];
    if (!changes.length) {
      return;
    }
    var counts = job.created + " created, " + job.updated + " changed, " + job.deleted + " deleted";
    body.appendChild(
      row("changes:" + job.jobId, false, [el("span", "eph-name", "Resources"), el("span", "eph-note", counts)], function (box) {
        var list = el("ol", "eph-steps");
        changes.forEach(function (change) {
          var item = el("li", "eph-step", null, el("span", "eph-note", change.action), el("span", "eph-name", change.address));
          item.appendChild(el("span", "eph-note", change.status));
          if (change.error) {
            item.appendChild(el("p", "eph-reason", change.error));
          }
          list.appendChild(item);
        });
        box.appendChild(list);
      })
    );
  }

  function drawCase(test) {
    var heads = [
      badge(test.verdict),
      el("span", "eph-name", test.name),
      el("span", "eph-note", test.className),
      el("span", "eph-time", duration(test.durationMillis)),
    ];
    if (!test.message && !test.details && !test.output) {
      var line = el("div", "eph-row eph-line");
      heads.forEach(function (head) {
        line.appendChild(head);
      });
      return line;
    }
    var element = row("case:" + test.className + "." + test.name, false, heads, function (body) {
      if (test.message) {
        body.appendChild(el("p", "eph-reason", test.message));
      }
      if (test.details) {
        body.appendChild(log(test.details, "Details of " + test.name));
      }
      if (test.output) {
        body.appendChild(log(test.output, "Output of " + test.name));
      }
    });
    element.classList.add("eph-case");
    return element;
  }

  function drawSuite(suite) {
    var box = el("div", "eph-suite", null, el("h4", "eph-heading", suite.name, el("span", "eph-note", tally(suite))));
    var order = { ERROR: 0, FAILED: 1, SKIPPED: 2, PASSED: 3 };
    var cases = (suite.cases || []).slice().sort(function (a, b) {
      return order[a.verdict] - order[b.verdict];
    });
    var all = el("div", "eph-cases");
    var failed = cases.filter(function (test) {
      return isBad(test.verdict);
    });
    var shown = failed.length ? failed : cases;
    shown.forEach(function (test) {
      all.appendChild(drawCase(test));
    });
    box.appendChild(all);
    if (shown.length < cases.length) {
      var more = el("button", "eph-more", "Show " + (cases.length - shown.length) + " more");
      more.type = "button";
      more.addEventListener("click", function () {
        cases.slice(shown.length).forEach(function (test) {
          all.appendChild(drawCase(test));
        });
        more.remove();
      });
      box.appendChild(more);
    }
    if (suite.omittedCases) {
      box.appendChild(el("p", "eph-note", suite.omittedCases + " passed cases are counted but not listed."));
    }
    return box;
  }

  function drawSteps(steps) {
    var list = el("ol", "eph-steps");
    steps.forEach(function (step) {
      var item = el("li", "eph-step", null, badge(step.verdict, step.status), el("span", "eph-name", step.name));
      if (step.exitCode) {
        item.appendChild(el("span", "eph-note", "exit code " + step.exitCode));
      }
      item.appendChild(el("span", "eph-time", duration(between(step.startedAt, step.finishedAt))));
      if (step.reason) {
        item.appendChild(el("p", "eph-reason", step.reason));
      }
      list.appendChild(item);
    });
    return list;
  }

  function drawArtifacts(artifacts, root) {
    var list = el("ul", "eph-artifacts");
    artifacts.forEach(function (artifact) {
      var text = artifact.name + " (" + artifact.sizeBytes + " bytes)";
      var path = artifact.path && artifact.path.split("/").map(encodeURIComponent).join("/");
      list.appendChild(el("li", null, null, root && path ? link(root + "/" + path, text) : el("span", null, text)));
    });
    return list;
  }

  function drawExecution(execution, root) {
    var box = el("div", "eph-execution");
    box.appendChild(
      el("h3", "eph-heading", execution.name || execution.id, el("span", "eph-note", execution.environment ? "in " + execution.environment : ""))
    );
    if (execution.reason) {
      box.appendChild(el("p", "eph-reason", execution.reason));
    }
    var facts = el("dl", "eph-facts");
    fact(facts, "Status", execution.status);
    fact(facts, "Started by", execution.triggered ? "a trigger" : "");
    fact(facts, "Definition", execution.variant ? execution.variant + " of this environment" : "");
    fact(facts, "Counts", execution.superseded ? "no, another run took its place" : "");
    fact(facts, "Queued for", duration(between(execution.queuedAt, execution.startedAt)));
    fact(facts, "Ran for", duration(between(execution.startedAt, execution.finishedAt)));
    fact(facts, "Control plane", execution.link ? link(execution.link, "open execution") : "");
    Object.keys(execution.outputs || {}).forEach(function (name) {
      fact(facts, "Output " + name, execution.outputs[name]);
    });
    box.appendChild(facts);
    if ((execution.steps || []).length) {
      box.appendChild(drawSteps(execution.steps));
    }
    (execution.suites || []).forEach(function (suite) {
      box.appendChild(drawSuite(suite));
    });
    if ((execution.artifacts || []).length) {
      box.appendChild(el("h4", "eph-heading", "Artifacts"));
      box.appendChild(drawArtifacts(execution.artifacts, root));
    }
    if (execution.log) {
      var opened = row("log:" + execution.id, false, [el("span", "eph-name", "Log")], function (body) {
        body.appendChild(log(execution.log, "Log of " + (execution.name || execution.id)));
      });
      box.appendChild(opened);
    }
    return box;
  }

  /** What became of a workflow in earlier builds, oldest first, for the eye and for those who hear it. */
  function drawHistory(workflow) {
    var past = workflow.history || [];
    if (!past.length && !workflow.flaky) {
      return null;
    }
    var box = el("span", "eph-history");
    past.forEach(function (build) {
      var dot = el("span", "eph-dot eph-" + (VERDICTS[build.verdict] || "unknown"));
      dot.title = "#" + build.build + " " + String(build.verdict).toLowerCase();
      dot.setAttribute("role", "img");
      dot.setAttribute("aria-label", dot.title);
      box.appendChild(dot);
    });
    if (workflow.flaky) {
      var flag = el("span", "eph-flaky", "flaky");
      flag.title = workflow.flaky;
      box.appendChild(flag);
    }
    return box;
  }

  function drawWorkflow(workflow, root) {
    var executions = workflow.executions || [];
    var millis = executions.reduce(function (sum, execution) {
      return sum + (between(execution.startedAt, execution.finishedAt) || 0);
    }, 0);
    var heads = [
      badge(workflow.verdict),
      el("span", "eph-name", workflow.name),
      el("span", "eph-note", (executions.length > 1 ? executions.length + " runs · " : "") + tally(counts([workflow]))),
      drawHistory(workflow),
      el("span", "eph-time", duration(millis)),
    ];
    return row("workflow:" + workflow.name, isBad(workflow.verdict), heads, function (body) {
      if (workflow.flaky) {
        body.appendChild(el("p", "eph-reason", workflow.flaky));
      }
      executions.forEach(function (execution) {
        body.appendChild(drawExecution(execution, root));
      });
    });
  }

  function drawPage(holder, report) {
    var head = el("header", "eph-head", null, badge(report.verdict));
    head.appendChild(el("span", "eph-title", (report.jobFullName || "") + (report.buildNumber ? " #" + report.buildNumber : "")));
    var took = duration(between(report.startedAt, report.finishedAt));
    head.appendChild(el("span", "eph-note", [tally(counts(report.workflows || [])), took].filter(Boolean).join(" · ")));
    (report.tags || []).forEach(function (tag) {
      head.appendChild(el("span", "eph-tag", tag));
    });
    if (holder.dataset.junitUrl) {
      var links = el("span", "eph-links");
      links.appendChild(link(holder.dataset.reportUrl, "JSON"));
      links.appendChild(link(holder.dataset.junitUrl, "JUnit XML"));
      head.appendChild(links);
    }
    holder.appendChild(head);
    (report.notices || []).forEach(function (notice) {
      holder.appendChild(el("p", "eph-reason", notice));
    });
    [
      ["Stages", report.stages, drawStage],
      ["Workflows", report.workflows, drawWorkflow],
      ["Environments", report.environments, drawEnvironment],
    ].forEach(function (part) {
      var entries = part[1] || [];
      if (entries.length) {
        var box = section(part[0], entries.length);
        entries.forEach(function (entry) {
          box.appendChild(part[2](entry, holder.dataset.artifactsUrl));
        });
        holder.appendChild(box);
      }
    });
  }

  function drawSummary(holder, report) {
    var line = el("p", "eph-digest", null, badge(report.verdict));
    [
      [report.stages, "stage"],
      [report.workflows, "workflow"],
      [report.environments, "environment"],
    ].forEach(function (part) {
      var number = (part[0] || []).length;
      if (number) {
        line.appendChild(el("span", "eph-note", number + " " + part[1] + (number === 1 ? "" : "s")));
      }
    });
    line.appendChild(el("span", "eph-note", tally(counts(report.workflows || []))));
    holder.appendChild(line);
    var bad = el("ul", "eph-bad");
    (report.stages || []).concat(report.workflows || []).forEach(function (entry) {
      if (isBad(entry.verdict)) {
        var first = (entry.executions || []).filter(function (execution) {
          return isBad(execution.verdict);
        })[0];
        var reason = entry.reason || (first && first.reason) || "";
        bad.appendChild(el("li", null, null, badge(entry.verdict), el("span", "eph-name", entry.name), el("span", "eph-note", reason)));
      }
    });
    if (bad.childNodes.length) {
      holder.appendChild(bad);
    }
  }

  function draw(holder, report) {
    var open = {};
    holder.querySelectorAll("details").forEach(function (details) {
      open[details.dataset.key] = details.open;
    });
    holder.textContent = "";
    (holder.dataset.view === "summary" ? drawSummary : drawPage)(holder, report);
    holder.querySelectorAll("details").forEach(function (details) {
      if (details.dataset.key in open) {
        details.open = open[details.dataset.key];
      }
    });
    holder.dataset.drawn = "true";
  }

  function fail(holder, message) {
    holder.textContent = "";
    holder.appendChild(el("p", "eph-reason", message));
    holder.dataset.drawn = "true";
  }

  function load(holder) {
    var template = holder.dataset.reportElement && document.getElementById(holder.dataset.reportElement);
    if (template) {
      draw(holder, JSON.parse(template.content.textContent));
      return;
    }
    fetch(holder.dataset.reportUrl, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (response) {
        if (!response.ok) {
          throw new Error(response.status === 404 ? "There is no report yet." : "The report could not be read (" + response.status + ").");
        }
        return response.text();
      })
      .then(function (text) {
        if (text !== holder.last) {
          holder.last = text;
          draw(holder, JSON.parse(text));
        }
        if (!JSON.parse(text).finishedAt) {
          window.setTimeout(function () {
            load(holder);
          }, 5000);
        }
      })
      .catch(function (error) {
        fail(holder, error.message);
      });
  }

  function begin() {
    document.querySelectorAll(".ephemeral-report").forEach(load);
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", begin);
  } else {
    begin();
  }
})();
