// The panel of extensions: what is installed and how it stands, and what workshops offer. Whatever
// a release or a workshop says is a stranger's text, and is only ever set as text.

import { button, h, icon } from "./dom.js";
import { dialog } from "./dialogs.js";

const STATES = {
  ready: "Installed",
  update: "Update available",
  revoked: "Revoked",
  expired: "Expired",
  refused: "Not loaded",
};
const KINDS = { importer: "Importer", exporter: "Exporter", command: "Command", blocks: "Blocks" };
const ICONS = { importer: "import", exporter: "export", command: "command", blocks: "block" };

const host = (address) => (URL.canParse(address) ? new URL(address).host : address);

/** The panel; `app` asks the application and has what it offers. */
export class Extensions {
  #installed = h("ul", { class: "cards", "aria-label": "Installed" });
  #found = h("ul", { class: "cards", "aria-label": "Found" });
  #query = h("input", { type: "text", id: "find", maxlength: "200", autocomplete: "off", placeholder: "Words, or nothing for all" });
  #said = h("p", { class: "said", role: "status" });
  #wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  #offers = null;
  #offered = { installed: [], grants: {}, trouble: "" };
  #busy = false;
  #last = Promise.resolve();

  constructor(app) {
    this.app = app;
    this.#query.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // it would close the dialog
      this.#search();
    });
  }

  /** What is installed now; how many of those are not loaded. */
  show(offered) {
    this.#offered = offered;
    this.#draw();
    if (offered.trouble) this.#tell(offered.trouble);
    return offered.installed.filter((one) => one.state in { revoked: 1, expired: 1, refused: 1 }).length;
  }

  /** Open the panel. */
  open() {
    this.#tell(this.#offered.trouble);
    this.#draw();
    this.#search();
    return dialog(
      "Extensions",
      [
        this.#wrong,
        h(
          "section",
          { class: "shelf" },
          h("div", { class: "row" }, h("h3", { text: "Installed" }), h("span", { class: "grow" }), button("refresh", "Check for news", () => this.#refresh())),
          this.#installed,
        ),
        h(
          "section",
          { class: "shelf" },
          h("div", { class: "row" }, h("h3", { text: "From workshops" }), this.#said),
          h("div", { class: "row search" }, h("label", { for: "find", class: "unseen", text: "Find extensions" }), this.#query, button("find", "Find", () => this.#search())),
          this.#found,
        ),
      ],
      [{ word: "Close" }],
      { wide: true },
    );
  }

  #tell(words) {
    this.#wrong.textContent = words;
    this.#wrong.hidden = !words;
  }

  /** Ask for one thing after the other; undefined where it went wrong, which is told. */
  #ask(what, given, doing) {
    this.#last = this.#last.then(() => this.#asking(what, given, doing));
    return this.#last;
  }

  async #asking(what, given, doing) {
    this.#busy = true;
    this.#said.textContent = doing;
    this.#tell(this.#offered.trouble);
    this.#draw();
    try {
      return await this.app.link.ask(what, given);
    } catch (error) {
      if (error.asks) return error;
      this.#tell(error.message);
      return undefined;
    } finally {
      this.#busy = false;
      this.#said.textContent = "";
      this.#draw();
    }
  }

  async #search() {
    const found = await this.#ask("search", { query: this.#query.value }, "Asking …");
    if (!found) return;
    this.#offers = found;
    if (found.failed.length) this.#tell(found.failed.join("\n"));
    this.#draw();
  }

  async #refresh() {
    const done = await this.#ask("refresh", {}, "Asking …");
    await this.#search(); // what was revoked is not offered any more
    if (done?.failed.length) this.#tell(done.failed.join("\n"));
  }

  /** Install or update; what it asks for beyond what was agreed to, a person is asked. */
  async #take(what, given, doing) {
    let done = await this.#ask(what, given, doing);
    if (done?.asks) {
      const agreed = await this.#agree(given.name, done.asks);
      if (!agreed) return;
      done = await this.#ask(what, { ...given, agreed: done.asks }, doing);
      if (done?.asks) this.#tell(done.message);
    }
  }

  #agree(name, grants) {
    const rows = grants.map((one) =>
      h("li", {}, icon("warning"), h("span", {}, h("strong", { text: one }), h("span", { text: `: ${this.#offered.grants[one] ?? "unknown here"}` }))),
    );
    return dialog(
      `What may ${name} do?`,
      [h("p", { class: "note", text: "It works on the open model only, in a sandbox. Beyond that it asks to:" }), h("ul", { class: "asks" }, rows)],
      [{ word: "Do not install" }, { word: "Allow and install", primary: true, act: () => true }],
    );
  }

  async #remove(one) {
    const sure = await dialog(
      `Remove ${one.name}?`,
      h("p", { class: "note", text: "What it made in models stays there. It can be installed again." }),
      [{ word: "Keep it" }, { word: "Remove", primary: true, act: () => true }],
    );
    if (sure) await this.#ask("uninstall", { name: one.name }, "Removing …");
  }

  // -- what is shown

  #draw() {
    const { installed } = this.#offered;
    const focused = this.#query.isConnected ? document.activeElement : null;
    this.#installed.replaceChildren(
      ...(installed.length ? installed.map((one) => this.#row(one)) : [h("li", { class: "none", text: "Nothing yet: what comes with the application is always there." })]),
    );
    const offers = this.#offers;
    let rows = [];
    if (offers && !offers.workshops.length) {
      rows = [h("li", { class: "none", text: "No workshop was added. On the command line, “vishwakarma ext add URL --root FILE” adds one." })];
    } else if (offers) {
      rows = offers.found.length ? offers.found.map((one) => this.#offer(one)) : [h("li", { class: "none", text: "Nothing was found." })];
    }
    this.#found.replaceChildren(...rows);
    if (focused && !focused.isConnected) this.#query.focus(); // what had the focus is gone
  }

  #card({ kind, title, name, version, workshop }, ...more) {
    return h(
      "li",
      { class: "card", "data-name": name },
      icon(ICONS[kind] ?? "warning"),
      h(
        "div",
        { class: "what" },
        h("strong", { text: title || name }),
        h("span", { class: "facts-line", text: [name, version, KINDS[kind], host(workshop)].filter(Boolean).join(" · ") }),
        more[0],
      ),
      h("div", { class: "does" }, more[1]),
    );
  }

  #row(one) {
    const off = !["ready", "update"].includes(one.state);
    const card = this.#card(
      one,
      [
        one.message ? h("p", { class: off ? "reason" : "quiet", text: one.message }) : null,
        one.grants.length ? h("p", { class: "quiet", text: `May: ${one.grants.join(", ")}` }) : null,
      ],
      [
        h("span", { class: `state ${one.state}`, text: STATES[one.state] }),
        h(
          "span",
          { class: "row" },
          one.newest ? button("", `Update to ${one.newest}`, () => this.#take("upgrade", { name: one.name }, "Updating …"), { primary: true, disabled: this.#busy }) : null,
          button("trash", "", () => this.#remove(one), { label: `Remove ${one.name}`, disabled: this.#busy }),
        ),
      ],
    );
    card.classList.toggle("off", off);
    return card;
  }

  #offer(one) {
    const here = this.#offered.installed.find((other) => other.name === one.name);
    const take = () => this.#take("install", { name: one.name, workshop: one.workshop }, "Installing …");
    let action = button("", "Install", take, { primary: true, disabled: this.#busy, "aria-label": `Install ${one.name}` });
    if (one.shipped) action = h("span", { class: "state refused", text: "Name is taken" });
    else if (here) action = h("span", { class: "state", text: `Installed: ${here.version}` });
    return this.#card(
      one,
      [
        one.description ? h("p", { text: one.description }) : null,
        h("p", { class: "quiet", text: `by ${one.author || "nobody"}${one.grants.length ? `; asks for ${one.grants.join(", ")}` : ""}` }),
      ],
      [action],
    );
  }
}
