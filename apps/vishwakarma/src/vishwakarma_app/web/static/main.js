// The page: what its buttons and keys do, and who is told what.

import { button, counted, h } from "./dom.js";
import { Activity, Messages, chooseBlock, chooseExtension, dialog, showScript } from "./dialogs.js";
import { Extensions } from "./extensions.js";
import { Link } from "./link.js";
import { Failed, Layers, Properties, Status } from "./panels.js";
import { Viewport } from "./viewport.js";

const get = (id) => document.getElementById(id);

class Application {
  state = { layers: [], selection: [], selected: 0, undo: null, redo: null };
  extensions = [];
  library = [];

  constructor() {
    this.messages = new Messages(get("messages"));
    this.activity = new Activity(get("activity"), () => this.ask("cancel"));
    this.status = new Status(get("status"));
    this.layers = new Layers(this);
    this.failed = new Failed(this);
    this.properties = new Properties(this);
    this.shelf = new Extensions(this);
    get("left").append(this.layers.element, this.failed.element);
    get("right").append(this.properties.element);
    this.#bar();
    try {
      this.view = new Viewport(get("solid"), get("words"), {
        chosen: (id, adding) => this.#choose(id, adding),
        moved: (place) => this.status.at(place),
        failed: (words) => this.messages.say(words, true),
      });
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.link = new Link({
      hello: (offered) => this.#offered(offered),
      offered: (offered) => this.#offered(offered),
      state: (state) => this.#show(state),
      activity: (activity) => this.activity.show(activity),
      trouble: (words) => words && this.messages.say(words, true),
      frame: (buffer) => this.#frame(buffer),
      ended: (reason) => this.#ended(reason),
    });
    this.link.connect();
    document.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["dragover", "drop"]) {
      document.addEventListener(name, (event) => {
        event.preventDefault();
        if (name === "drop" && event.dataTransfer.files.length) this.#take(event.dataTransfer.files[0]);
      });
    }
    window.addEventListener("beforeunload", (event) => {
      if (this.state.changed && this.connected) event.preventDefault();
    });
  }

  connected = true;

  /** Ask the application; what goes wrong is told, and is undefined here. */
  async ask(what, given) {
    try {
      return await this.link.ask(what, given);
    } catch (error) {
      if (this.connected) this.fail(error);
      return undefined;
    }
  }

  fail(error) {
    this.messages.say(error.message, true);
  }

  // -- what is shown

  #bar() {
    const tools = [
      [
        button("new", "New", () => this.#new(), { label: "New model" }),
        button("open", "Open", () => this.#pick(".vk", (file) => this.#open(file)), { label: "Open a model (Ctrl+O)" }),
        button("save", "Save", () => this.#save(), { label: "Save (Ctrl+S)" }),
      ],
      [
        button("import", "Import", () => this.#pick(this.#suffixes(), (file) => this.#import(file))),
        button("export", "Export", () => this.#export()),
      ],
      [
        (this.undo = button("undo", "", () => this.ask("undo"), { label: "Undo", id: "undo" })),
        (this.redo = button("redo", "", () => this.ask("redo"), { label: "Redo", id: "redo" })),
      ],
      [
        button("block", "Insert block", () => this.#insert()),
        button("command", "Run command", () => this.#command()),
      ],
      [(this.installing = button("extension", "Extensions", () => this.shelf.open()))],
    ];
    this.title = h("span", { class: "title" });
    this.plan = button("", "Plan", () => this.#look(true), { "aria-pressed": "true", label: "From above (1)" });
    this.space = button("", "3D", () => this.#look(false), { "aria-pressed": "false", label: "In space (2)" });
    get("bar").append(
      h("span", { class: "brand" }, h("img", { src: "icon.svg", alt: "", width: 20, height: 20 }), this.title),
      ...tools.map((group) => h("span", { class: "group" }, group)),
      h("span", { class: "grow" }),
      h("span", { class: "group switch", role: "group", "aria-label": "View" }, this.plan, this.space),
      h("span", { class: "group" }, button("fit", "Fit", () => this.view.fit(), { label: "Show everything, or the selection (F)" })),
    );
  }

  #offered(offered) {
    Object.assign(this, { extensions: offered.extensions, library: offered.library });
    const off = this.shelf.show(offered);
    this.installing.querySelector(".badge")?.remove();
    if (off) this.installing.append(h("span", { class: "badge", text: off, title: `${counted(off, "extension")} not loaded` }));
  }

  #show(state) {
    this.state = state;
    this.title.textContent = state.name + (state.changed ? " •" : "");
    this.title.title = state.changed ? `${state.name}, with changes that are not saved` : state.name;
    document.title = `${state.name} – Vishwakarma`;
    for (const [name, element] of [["undo", this.undo], ["redo", this.redo]]) {
      const word = name[0].toUpperCase() + name.slice(1);
      element.disabled = state[name] === null;
      const label = state[name] === null ? `Nothing to ${name}` : `${word}: ${state[name]}`;
      element.title = label;
      element.setAttribute("aria-label", label);
    }
    this.status.show(state);
    this.layers.show(state);
    this.failed.show(state);
    this.properties.show(state);
    this.view.select(state.selection);
    const empty = get("empty");
    empty.hidden = state.elements > 0;
    if (!state.elements) empty.textContent = "Nothing here yet: open a model, import a file, or insert a block.";
  }

  #frame(buffer) {
    try {
      this.view.take(buffer);
      this.#pressed();
      this.status.drawn(this.view.scene.vertices);
    } catch (error) {
      this.fail(error);
    }
  }

  #ended(reason) {
    this.connected = false;
    this.activity.show(null);
    dialog(
      "The connection has ended",
      h("p", {
        text:
          (reason ? `The application said: ${reason}. ` : "") +
          "Perhaps the application was stopped: then start it again with “vishwakarma serve”, and open the address that it prints. If it is still running, load this page again.",
      }),
      [{ word: "Close" }, { word: "Load again", primary: true, act: () => location.reload() }],
    );
  }

  #look(plan) {
    this.view.look(plan);
    this.#pressed();
  }

  #pressed() {
    this.plan.setAttribute("aria-pressed", String(this.view.camera.plan));
    this.space.setAttribute("aria-pressed", String(!this.view.camera.plan));
  }

  // -- what is chosen

  #choose(id, adding) {
    const before = this.state.selection;
    let ids = id === null ? [] : [id];
    if (adding) ids = id === null ? before : before.includes(id) ? before.filter((one) => one !== id) : [...before, id];
    if (ids.length === before.length && ids.every((one, i) => one === before[i])) return;
    this.state = { ...this.state, selection: ids, selected: ids.length };
    this.view.select(ids);
    this.ask("select", { ids });
  }

  showFailed(one) {
    this.#choose(one.element, false);
    this.showSource(one.block, one.line, one.message);
  }

  async showSource(block, line, message) {
    const source = await this.ask("source", { block });
    if (source !== undefined) showScript(block, source, line, message);
  }

  // -- files

  #pick(accept, then) {
    const input = h("input", { type: "file", accept, hidden: true });
    input.addEventListener("change", () => {
      if (input.files.length) then(input.files[0]);
      input.remove();
    });
    input.addEventListener("cancel", () => input.remove());
    document.body.append(input);
    input.click();
  }

  #suffixes() {
    return this.#kind("importer").flatMap((one) => one.suffixes).join(",");
  }

  #kind(kind) {
    return this.extensions.filter((one) => one.kind === kind);
  }

  /** A file that was dropped on the page. */
  #take(file) {
    if (file.name.toLowerCase().endsWith(".vk")) this.#open(file);
    else this.#import(file);
  }

  async #sent(file) {
    try {
      this.activity.show({ title: `Reading ${file.name}`, message: "", fraction: null });
      return await this.link.send(file);
    } catch (error) {
      this.fail(error);
      return null;
    } finally {
      this.activity.show(null);
    }
  }

  async #mayLeave() {
    if (!this.state.changed) return true;
    const text = `${this.state.name} has changes that are not saved. They will be lost.`;
    return dialog("Leave without saving?", h("p", { text }), [
      { word: "Keep working" },
      { word: "Leave without saving", primary: true, act: () => true },
    ]);
  }

  async #new() {
    if (!(await this.#mayLeave())) return;
    const select = h(
      "select",
      { id: "unit" },
      ["mm", "cm", "m", "km", "in", "ft", "none"].map((one) => h("option", { value: one, text: one })),
    );
    const unit = await dialog(
      "New model",
      h("div", { class: "field" }, h("label", { for: "unit", text: "Unit of length" }), select),
      [{ word: "Cancel" }, { word: "Create", primary: true, act: () => select.value }],
    );
    if (unit) this.ask("new", { unit });
  }

  async #open(file) {
    if (!(await this.#mayLeave())) return;
    const token = await this.#sent(file);
    if (token) await this.ask("open", { file: token });
  }

  async #save(copy = "") {
    const done = await this.ask("save", { copy });
    if (done?.file) this.link.fetch(done.file, done.name);
    else if (done?.saved) this.messages.say(`Saved ${this.state.name}.`);
  }

  async #import(file) {
    const dot = file.name.lastIndexOf(".");
    const suffix = dot < 0 ? "" : file.name.slice(dot).toLowerCase();
    const fitting = this.#kind("importer").filter((one) => one.suffixes.includes(suffix));
    if (!fitting.length) {
      this.messages.say(`There is no importer for ${suffix || "files without a suffix"}; there are ${this.#suffixes().replaceAll(",", ", ")}.`, true);
      return;
    }
    const chosen = await chooseExtension(`Import ${file.name}`, fitting, "Import");
    if (!chosen) return;
    const token = await this.#sent(file);
    if (!token) return;
    const done = await this.ask("import", { ...chosen, file: token });
    if (done) {
      this.messages.say(`${counted(done.created, "element")} imported from ${file.name}.${said(done)}`);
      this.view.fitNext();
    }
  }

  async #export() {
    const chosen = await chooseExtension("Export", this.#kind("exporter"), "Export");
    if (!chosen) return;
    const done = await this.ask("export", chosen);
    if (!done) return;
    this.link.fetch(done.file, done.name);
    this.messages.say(`Exported ${done.name}.${said(done)}`);
  }

  async #command() {
    const note = this.state.selected
      ? `It works on the selection: ${counted(this.state.selected, "element")}.`
      : "Nothing is selected.";
    const chosen = await chooseExtension("Run a command", this.#kind("command"), "Run", note);
    if (!chosen) return;
    const done = await this.ask("command", chosen);
    if (done) {
      const { created, updated, deleted } = done;
      const parts = [[created, "created"], [updated, "changed"], [deleted, "deleted"]];
      const words = parts.filter(([count]) => count).map(([count, what]) => `${count.toLocaleString("en")} ${what}`);
      this.messages.say(`Done: ${words.join(", ") || "nothing changed"}.${said(done)}`);
    }
  }

  async #insert() {
    const block = await chooseBlock(this.library);
    if (!block) return;
    const first = !this.state.elements;
    const [x, y] = first ? [0, 0] : this.view.camera.ground(this.view.camera.width / 2, this.view.camera.height / 2);
    const step = 10 ** Math.floor(Math.log10(20 * this.view.camera.scale));
    const round = (one) => Number((Math.round(one / step) * step).toPrecision(12));
    await this.ask("insert", { block, x: round(x), y: round(y) });
  }

  // -- keys

  #key(event) {
    const typing = event.target.closest?.("input, select, textarea, dialog");
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const commands = {
      o: () => this.#pick(".vk", (file) => this.#open(file)),
      s: () => this.#save(),
      z: () => (event.shiftKey ? this.ask("redo") : this.ask("undo")),
      y: () => this.ask("redo"),
    };
    const text = typing && (typing.tagName === "DIALOG" || !["range", "checkbox", "color"].includes(typing.type));
    if (command && commands[key] && !(text && (key === "z" || key === "y"))) {
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      commands[key]();
      return;
    }
    if (typing || command || event.altKey || document.querySelector("dialog[open]")) return;
    const step = (by) => {
      const id = this.view.neighbour(by);
      if (id !== null) this.#choose(id, false);
    };
    const keys = {
      f: () => this.view.fit(),
      1: () => this.#look(true),
      2: () => this.#look(false),
      n: () => step(1),
      p: () => step(-1),
      "+": () => this.view.zoom(0.8),
      "=": () => this.view.zoom(0.8),
      "-": () => this.view.zoom(1.25),
      escape: () => this.#choose(null, false),
      delete: () => this.state.selected && this.ask("delete", { ids: this.state.selection }),
      arrowleft: () => this.view.pan(40, 0),
      arrowright: () => this.view.pan(-40, 0),
      arrowup: () => this.view.pan(0, 40),
      arrowdown: () => this.view.pan(0, -40),
    };
    if (key.startsWith("arrow") && event.target !== this.view.solid) return;
    if (keys[key]) {
      event.preventDefault();
      keys[key]();
    }
  }
}

const said = ({ said: words }) => (words.trim() ? ` It said: ${words.trim().slice(0, 300)}` : "");

new Application();
