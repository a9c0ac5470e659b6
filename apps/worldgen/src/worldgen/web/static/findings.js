// What the analysis and the trial say of a plugin. Every text of theirs quotes a stranger.
import { guest, make, plain } from "./dom.js";

const VERDICTS = { clean: "Nothing found", review: "Somebody has to look at this", refuse: "Refused" };
const STATES = { published: "Published", refused: "Refused", "in-review": "Waits for a decision" };

export function findingList(review, go) {
  const list = make("ul", { class: "findings" }, review.findings.map((one) => {
    const where = one.file ? `${one.file}${one.line ? `, line ${one.line}` : ""}` : "the plugin";
    return make("li", { class: `finding ${one.severity === "error" ? "bad" : one.severity === "warning" ? "odd" : "note"}` },
      make("div", { class: "row" },
        guest(one.rule, "code"),
        make("button", { type: "button", class: "link", on: { click: () => go && go(one.file, one.line) } }, plain(where))),
      guest(one.message, "p"),
      one.remedy ? guest(one.remedy, "p", { class: "hint" }) : null);
  }));
  return make("section", { class: "review", "data-verdict": review.verdict, "aria-label": "Analysis" },
    make("h3", {}, "Analysis", make("span", { class: `badge ${review.verdict}` }, VERDICTS[review.verdict] || plain(review.verdict))),
    review.findings.length ? list : make("p", { class: "hint" }, "The analysis read the source and has nothing to say. It informs; the sandbox is what holds."));
}

export function submissionView(told, go, decide) {
  const parts = [
    make("h3", {}, guest(`${told.name} ${told.version}`), make("span", { class: `badge ${told.state}` }, STATES[told.state] || plain(told.state))),
  ];
  if (told.reason) parts.push(guest(told.reason, "p", { class: "reason" }));
  if (told.analysis) parts.push(findingList(told.analysis, go));
  if (told.trial) {
    parts.push(make("section", { class: "trial", "aria-label": "Trial" },
      make("h3", {}, "Trial", make("span", { class: `badge ${told.trial.ok ? "clean" : "refuse"}` }, told.trial.ok ? "Passed" : "Failed")),
      make("ul", { class: "cases" }, told.trial.cases.map((one) =>
        make("li", { class: one.ok ? "good" : "bad" },
          guest(`${one.hook}: ${one.title}`), make("span", { class: "hint" }, ` ${(one.seconds * 1000).toFixed(0)} ms`),
          one.reason ? guest(one.reason, "pre") : null)))));
  }
  if (told.state === "in-review" && decide) {
    parts.push(make("div", { class: "row" },
      make("button", { type: "button", on: { click: () => decide(true) } }, "Publish anyway"),
      make("button", { type: "button", on: { click: () => decide(false) } }, "Refuse")));
  }
  return make("section", { class: "submission", "data-state": told.state, "aria-label": "What became of it" }, parts);
}

export function failureView(one) {
  return make("li", { class: "failure" },
    make("div", { class: "row" }, guest(one.plugin, "strong"), guest(`${one.hook} · ${one.kind}`, "span", { class: "hint" })),
    guest(one.field ? `${one.field}: ${one.reason}` : one.reason, "p"),
    one.traceback ? make("details", {}, make("summary", {}, "Its own lines"), guest(one.traceback, "pre")) : null);
}
