// The panels beside the drawing: layers, failed blocks, properties; the bar below it.

import { button, counted, h, hex, icon, shown } from "./dom.js";
import { Latest, Parameters } from "./forms.js";

const MOST_LAYERS = 300;

/** Layers: seen or not, colour, how much is on them. */
export class Layers {
  #list = h("ul", { class: "layers" });
  #told = "";
  element = h("section", { "aria-label": "Layers" }, h("h2", { text: "Layers" }), this.#list);

  constructor(app) {
    this.app = app;
  }

  show({ layers }) {
    const told = JSON.stringify(layers);
    if (told === this.#told) return;
    this.#told = told;
    const focused = document.activeElement?.dataset?.key;
    const rows = layers.slice(0, MOST_LAYERS).map((one) => this.#row(one));
    if (layers.length > MOST_LAYERS) rows.push(h("li", { class: "more", text: `and ${layers.length - MOST_LAYERS} more` }));
    this.#list.replaceChildren(...rows);
    if (focused) this.#list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #row({ name, color, visible, elements }) {
    const change = (changes) => this.app.ask("layer", { name, changes });
    const swatch = h("input", {
      type: "color",
      value: hex(color),
      "aria-label": `Colour of layer ${name}`,
      "data-key": `color ${name}`,
      onchange: (event) => change({ color: (parseInt(event.target.value.slice(1), 16) * 256 + (color & 255)) >>> 0 }),
    });
    const eye = button(visible ? "eye" : "hidden", "", () => change({ visible: !visible }), {
      label: `${visible ? "Hide" : "Show"} layer ${name}`,
      "aria-pressed": String(visible),
      "data-key": `eye ${name}`,
    });
    const count = h("span", { class: "count", text: elements.toLocaleString("en") });
    return h("li", { class: visible ? "" : "off" }, swatch, h("span", { class: "name", text: name, title: name }), count, eye);
  }
}

/** Blocks that failed, each with its line; one that is chosen shows its source. */
export class Failed {
  #list = h("ul", { class: "failed" });
  #badge = h("span", { class: "badge" });
  #none = h("p", { class: "none", text: "No block fails." });
  #told = "";
  element = h(
    "section",
    { "aria-label": "Failed blocks" },
    h("h2", {}, h("span", { text: "Failed blocks" }), this.#badge),
    this.#none,
    this.#list,
  );

  constructor(app) {
    this.app = app;
  }

  show({ failed, failing }) {
    const told = JSON.stringify([failed, failing]);
    if (told === this.#told) return;
    this.#told = told;
    this.#none.hidden = failing > 0;
    this.#badge.textContent = failing ? failing.toLocaleString("en") : "";
    this.#badge.hidden = !failing;
    const rows = failed.map((one) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: () => this.app.showFailed(one) },
          icon("warning"),
          h(
            "span",
            { class: "what" },
            h("strong", { text: one.block }),
            h("span", { class: "where", text: one.line ? `line ${one.line} · #${one.element}` : `#${one.element}` }),
            h("span", { class: "message", text: one.message }),
          ),
        ),
      ),
    );
    if (failing > failed.length) rows.push(h("li", { class: "more", text: `and ${failing - failed.length} more` }));
    this.#list.replaceChildren(...rows);
  }
}

/** What is selected: of one element everything, of several how many. */
export class Properties {
  #body = h("div", { class: "body" });
  #of = null;
  #asked = 0;
  #drag = 1;
  #values = {};
  #known = null;
  element = h("section", { "aria-label": "Properties" }, h("h2", { text: "Properties" }), this.#body);

  constructor(app) {
    this.app = app;
    this.parameters = new Parameters(
      (name, value, done) => this.#change(name, value, done),
      (error) => app.fail(error),
    );
    this.latest = new Latest((element, values, drag) => app.ask("parameters", { element, values, drag }));
  }

  async show({ selection, selected, revision }) {
    if (selected !== 1) {
      this.#of = null;
      this.#asked++;
      this.#body.replaceChildren(
        selected
          ? h("p", { class: "none", text: `${counted(selected, "element")} selected` })
          : h("p", { class: "none", text: "Click an element to see what it is." }),
        selected ? this.#delete(selection) : "",
      );
      return;
    }
    const asked = ++this.#asked;
    void revision;
    const found = await this.app.ask("describe", { element: selection[0] });
    if (asked === this.#asked && found) this.#fill(found);
  }

  #fill(one) {
    const same = this.#of === one.id && this.#known === one.kind;
    this.#of = one.id;
    this.#known = one.kind;
    this.parameters.show(one.id, one.parameters ?? []);
    const { box } = one;
    const { unit } = this.app.state;
    const size = box && [0, 1, 2].map((i) => shown(box[i + 3] - box[i])).join(" × ");
    const facts = [
      ["Kind", one.kind],
      ["Id", String(one.id)],
      one.parent ? ["Part of", `#${one.parent}`] : null,
      ...Object.entries(one.texts).filter(([name]) => name !== "block"),
      ...Object.entries(one.counts).map(([name, count]) => [name, count.toLocaleString("en")]),
      size ? ["Size", `${size} ${unit === "none" ? "" : unit}`] : null,
    ].filter(Boolean);
    const keep = same && this.#body.contains(document.activeElement);
    this.#facts = h(
      "dl",
      { class: "facts" },
      facts.flatMap(([name, value]) => [h("dt", { text: name }), h("dd", { text: value, title: value, "data-fact": name })]),
    );
    if (keep && this.#body.querySelector(".facts")) {
      this.#body.querySelector(".facts").replaceWith(this.#facts);
      return;
    }
    const title = one.block ?? one.kind;
    this.#body.replaceChildren(
      h("h3", { text: title }),
      this.#facts,
      one.parameters?.length ? h("h4", { text: "Parameters" }) : "",
      one.parameters ? this.parameters.element : "",
      one.block
        ? button("", "Show its script", () => this.app.showSource(one.block, 0, ""), {})
        : "",
      this.#look(one),
      this.#numbers(one),
      this.#delete([one.id]),
    );
  }

  #facts = null;

  #look(one) {
    const update = (changes) => this.app.ask("update", { element: one.id, changes });
    const layers = this.app.state.layers.slice(0, MOST_LAYERS).map((layer) =>
      h("option", { value: layer.name, text: layer.name, selected: layer.name === one.layer }),
    );
    if (!this.app.state.layers.slice(0, MOST_LAYERS).some((layer) => layer.name === one.layer)) {
      layers.push(h("option", { value: one.layer, text: one.layer, selected: true }));
    }
    const own = one.color !== null;
    return h(
      "div",
      { class: "fields" },
      h("h4", { text: "Look" }),
      h(
        "div",
        { class: "field" },
        h("label", { for: "layer", text: "Layer" }),
        h("select", { id: "layer", onchange: (event) => update({ layer: event.target.value }) }, layers),
      ),
      h(
        "div",
        { class: "field" },
        h("label", { for: "color", text: "Colour" }),
        h(
          "span",
          { class: "row" },
          h("input", {
            type: "color",
            id: "color",
            value: hex(one.drawn),
            onchange: (event) =>
              update({ color: (parseInt(event.target.value.slice(1), 16) * 256 + (one.drawn & 255)) >>> 0 }),
          }),
          own
            ? button("", "By layer", () => update({ color: null }))
            : h("small", { text: "of its layer" }),
        ),
      ),
    );
  }

  #numbers(one) {
    const names = Object.keys(one.numbers);
    if (!names.length) return "";
    return h(
      "div",
      { class: "fields" },
      h("h4", { text: "Numbers" }),
      names.map((name) =>
        h(
          "div",
          { class: "field" },
          h("label", { for: `number ${name}`, text: name }),
          h("input", {
            type: "number",
            step: "any",
            id: `number ${name}`,
            value: String(one.numbers[name]),
            onchange: (event) => {
              const value = event.target.valueAsNumber;
              if (Number.isFinite(value)) this.app.ask("update", { element: one.id, changes: { [name]: value } });
            },
          }),
        ),
      ),
    );
  }

  #delete(ids) {
    return h("p", { class: "actions" }, button("trash", "Delete", () => this.app.ask("delete", { ids })));
  }

  #change(name, value, done) {
    // While one value is on its way, others of the same drag wait together.
    this.#values = { ...this.#values, [name]: value };
    this.latest.push(this.#of, this.#values, String(this.#drag));
    if (done) {
      this.#drag++;
      this.#values = {};
    }
  }
}

/** The bar at the bottom. */
export class Status {
  #what = h("span");
  #selected = h("span");
  #place = h("span", { class: "place" });
  #vertices = h("span");

  constructor(element) {
    element.append(this.#what, this.#selected, this.#vertices, h("span", { class: "grow" }), this.#place);
  }

  show({ elements, unit, selected }) {
    this.unit = unit === "none" ? "" : unit;
    this.#what.textContent = counted(elements, "element");
    this.#selected.textContent = selected ? `${selected.toLocaleString("en")} selected` : "";
  }

  drawn(vertices) {
    this.#vertices.textContent = `${counted(vertices, "vertex", "vertices")} drawn`;
  }

  at(place) {
    this.#place.textContent = place ? `${shown(Number(place[0].toPrecision(6)))}, ${shown(Number(place[1].toPrecision(6)))} ${this.unit ?? ""}` : "";
  }
}
