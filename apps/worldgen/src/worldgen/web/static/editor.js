// Write a plugin, or change one: its files, what the analysis says, and what became of an upload.
import { api } from "./api.js";
import { button, find, guest, make, plain, say, trying } from "./dom.js";
import { findingList, submissionView } from "./findings.js";

const TEMPLATE = {
  "plugin.toml": `[plugin]
name = "my-hills"
version = "1.0.0"
author = "me"
title = "My hills"
description = "Round hills, everywhere."
entry = "hills"
packages = ["numpy"]

[spec]
name = "worldgen.terrain"
version = "1.0"

[parameters.height]
type = "float"
default = 600.0
low = 0.0
high = 3000.0
unit = "m"
help = "of a hill"
`,
  "hills.py": `import numpy as np


def shape(x, y, seed, elevation, *, height=600.0):
    """Pure functions of where: x and y are metres, elevation is the ground so far."""
    u, v = x / 180_000.0, y / 180_000.0
    u, v = u - np.floor(u) - 0.5, v - np.floor(v) - 0.5
    bump = (0.25 - u * u) * (0.25 - v * v) * 16.0
    return np.where(elevation > 0.0, elevation + height * bump, elevation)
`,
};

export class Editor {
  constructor(changed) {
    this.dialog = find("editor");
    this.changed = changed;
  }

  // A plugin of somebody else's becomes one of the person's: with a name and a version of its own.
  async change(name, version, own) {
    const plugin = await trying(() => api.plugin(name, version));
    if (!plugin) return;
    const files = { ...plugin.files };
    let manifest = files["plugin.toml"];
    if (own) {
      const [major, minor, patch] = version.split(".").map(Number);
      manifest = manifest.replace(/^version = "[^"]*"/m, `version = "${major}.${minor}.${patch + 1}"`);
    } else {
      manifest = manifest.replace(/^name = "[^"]*"/m, `name = "my-${name}"`.slice(0, 72))
        .replace(/^version = "[^"]*"/m, 'version = "1.0.0"').replace(/^author = "[^"]*"/m, 'author = "me"');
    }
    files["plugin.toml"] = manifest;
    this.open(files, own ? `A new version of ${name}` : `A plugin of yours, from ${name}`, `${plugin.entry.replaceAll(".", "/")}.py`);
    this.show(findingList(plugin.review, (file, line) => this.go(file, line)));
  }

  write() {
    this.open({ ...TEMPLATE }, "A plugin of yours", "hills.py");
  }

  open(files, title, first) {
    this.files = files;
    this.text = make("textarea", {
      spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-label": "Source",
      on: { input: () => { this.files[this.file] = this.text.value; this.number(); }, scroll: () => { this.gutter.scrollTop = this.text.scrollTop; }, keydown: (event) => this.key(event) },
    });
    this.gutter = make("pre", { class: "gutter", "aria-hidden": "true" });
    this.tabs = make("div", { class: "tabs", role: "tablist", "aria-label": "Files" });
    this.result = make("div", { class: "result", "aria-live": "polite" });
    const pick = make("input", { type: "file", multiple: "", accept: ".py,.toml,.txt,.md,.json,.csv", hidden: true, on: { change: () => this.load(pick) } });
    this.dialog.replaceChildren(
      make("header", {}, guest(title, "h2", { id: "editor-title" }), button("×", () => this.dialog.close(), { class: "plain", "aria-label": "Close the editor" })),
      this.tabs,
      make("div", { class: "source" }, this.gutter, this.text),
      make("div", { class: "row actions" }, pick,
        button("Open files …", () => pick.click()), button("New file", () => this.add()),
        make("span", { class: "grow" }),
        button("Check", () => this.check()), button("Upload", (event) => this.upload(event.target), { class: "primary" })),
      this.result);
    this.select(first in files ? first : Object.keys(files)[0]);
    this.dialog.showModal();
    this.text.focus();
  }

  select(file) {
    this.file = file;
    this.text.value = this.files[file];
    this.number();
    this.tabs.replaceChildren(...Object.keys(this.files).map((name) =>
      make("button", { type: "button", role: "tab", "aria-selected": String(name === file), on: { click: () => this.select(name) } }, plain(name))));
  }

  number() {
    const lines = this.text.value.split("\n").length;
    if (this.lines !== lines || !this.gutter.textContent) {
      this.gutter.textContent = Array.from({ length: lines }, (_, at) => at + 1).join("\n");
      this.lines = lines;
    }
  }

  key(event) {
    if (event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      this.text.setRangeText("    ", this.text.selectionStart, this.text.selectionEnd, "end");
      this.files[this.file] = this.text.value;
    }
  }

  add() {
    let number = 1;
    while (`module${number}.py` in this.files) number += 1;
    this.files[`module${number}.py`] = "";
    this.select(`module${number}.py`);
  }

  async load(pick) {
    const files = {};
    for (const file of pick.files) {
      if (file.size > 4 << 20) return say(`${file.name} is too large for a plugin`);
      files[file.name] = await file.text();
    }
    if (Object.keys(files).length) {
      this.files = "plugin.toml" in files ? files : { ...this.files, ...files };
      this.select(Object.keys(files)[0]);
    }
    return undefined;
  }

  go(file, line) {
    if (!(file in this.files)) return;
    this.select(file);
    const lines = this.text.value.split("\n");
    const start = lines.slice(0, Math.max(line - 1, 0)).reduce((sum, one) => sum + one.length + 1, 0);
    this.text.focus();
    this.text.setSelectionRange(start, start + (lines[line - 1] || "").length);
    this.text.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(this.text).lineHeight));
  }

  show(...parts) {
    this.result.replaceChildren(...parts);
  }

  async check() {
    try {
      this.show(findingList(await api.analyse(this.files), (file, line) => this.go(file, line)));
    } catch (error) {
      this.show(guest(error.message, "p", { class: "reason bad", role: "alert" }));
    }
  }

  async upload(pressed) {
    pressed.disabled = true;
    this.show(make("p", { class: "hint", role: "status" }, "Analysed, then tried in a sandbox …"));
    try {
      this.told(await api.upload(this.files));
    } catch (error) {
      this.show(guest(error.message, "p", { class: "reason bad", role: "alert" }));
    }
    pressed.disabled = false;
    this.result.scrollIntoView({ block: "nearest" });
  }

  told(told) {
    const decide = async (publish) => {
      const after = await trying(() => api.decide(told.id, publish));
      if (after) this.told(after);
    };
    const parts = [submissionView(told, (file, line) => this.go(file, line), decide)];
    if (told.state === "published") {
      parts.push(button("Add to this world", () => { this.dialog.close(); this.changed(told, true); }, { class: "primary" }));
    }
    this.changed(told, false);
    this.show(...parts);
  }
}
