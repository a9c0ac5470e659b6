// Fields for parameters: of extensions, and of blocks with their sliders.

import { h, shown } from "./dom.js";

let fields = 0;

/** The value of a field as its parameter's type has it, or an Error in words. */
function read(input, type, name) {
  if (type === "bool") return input.checked;
  const text = input.value.trim();
  if (type === "int" || type === "float") {
    const number = Number(text);
    if (!text || !Number.isFinite(number)) throw new Error(`${name}: a number was expected`);
    if (type === "int" && !Number.isInteger(number)) throw new Error(`${name}: a whole number was expected`);
    return number;
  }
  if (type.startsWith("tuple")) {
    const numbers = text ? text.split(/[\s,;]+/).map(Number) : [];
    if (!numbers.every(Number.isFinite)) throw new Error(`${name}: numbers were expected, such as 1, 2.5`);
    return numbers;
  }
  return input.value;
}

const words = (name) => name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

/** Fields for an extension's parameters; `values()` reads them all. */
export function form(parameters) {
  const inputs = parameters.map((one) => {
    const id = `field${fields++}`;
    const input =
      one.type === "bool"
        ? h("input", { type: "checkbox", id, checked: one.default })
        : h("input", {
            type: one.type === "str" ? "text" : "number",
            id,
            name: one.name,
            step: one.type === "int" ? 1 : "any",
            value: String(one.default),
          });
    if (one.help) input.setAttribute("aria-describedby", `${id}help`);
    return { ...one, id, input };
  });
  const element = h(
    "div",
    { class: "fields" },
    inputs.map(({ id, input, name, help }) =>
      h(
        "div",
        { class: input.type === "checkbox" ? "field check" : "field" },
        h("label", { for: id, text: words(name) }),
        input,
        help ? h("small", { id: `${id}help`, text: help }) : null,
      ),
    ),
  );
  const values = () => Object.fromEntries(inputs.map(({ name, type, input }) => [name, read(input, type, name)]));
  return { element, values };
}

/** Fields for a block's parameters. Changes are given to `change(name, value, done)` while a slider
 * moves, and once with `done` when it is let go. */
export class Parameters {
  element = h("div", { class: "fields" });
  #rows = new Map();
  #signature = "";

  constructor(change, wrong) {
    this.change = change;
    this.wrong = wrong;
  }

  /** Show these; fields that somebody is using keep what is in them. */
  show(key, parameters) {
    const signature = JSON.stringify([key, parameters.map(({ name, type, low, high, step }) => [name, type, low, high, step])]);
    if (signature !== this.#signature) {
      this.#signature = signature;
      this.#rows = new Map(parameters.map((one) => [one.name, this.#row(one)]));
      this.element.replaceChildren(...[...this.#rows.values()].map((row) => row.element));
    }
    for (const one of parameters) this.#rows.get(one.name)?.set(one.value);
  }

  #row(one) {
    const id = `field${fields++}`;
    const label = h("label", { for: id, text: one.title || words(one.name), title: one.name });
    if (one.type === "Geometry") {
      return { element: h("div", { class: "field" }, label, h("output", { id, text: "another block" })), set() {} };
    }
    const slides = (one.type === "int" || one.type === "float") && one.low !== null && one.high !== null;
    const step = one.step ?? (one.type === "int" ? 1 : "any");
    const kind = { bool: "checkbox", int: "number", float: "number" }[one.type] ?? "text";
    const input = h("input", { type: kind, id, name: one.name, step: one.type === "int" ? 1 : "any" });
    const slider = slides
      ? h("input", {
          type: "range", min: one.low, max: one.high, step, class: "slider", name: `${one.name} slider`,
          "aria-label": `${one.title || words(one.name)}: slider`,
        })
      : null;
    let using = false;
    const send = (from, done) => {
      try {
        const value = read(from, from === slider && one.type === "int" ? "int" : one.type, one.name);
        input.setCustomValidity("");
        this.change(one.name, value, done);
      } catch (error) {
        input.setCustomValidity(error.message);
        if (done) this.wrong(error);
      }
    };
    slider?.addEventListener("input", () => {
      using = true;
      input.value = shown(Number(slider.value));
      slider.style.setProperty("--part", part(slider));
      send(slider, false);
    });
    slider?.addEventListener("change", () => {
      using = false;
      send(slider, true);
    });
    input.addEventListener("focus", () => (using = kind !== "checkbox"));
    input.addEventListener("blur", () => (using = false));
    input.addEventListener("change", () => {
      if (slider) slider.value = input.value;
      send(input, true);
    });
    const element = h(
      "div",
      { class: kind === "checkbox" ? "field check" : slider ? "field slides" : "field" },
      label,
      input,
      slider,
    );
    const set = (value) => {
      if (using) return;
      if (kind === "checkbox") input.checked = value === true;
      else if (Array.isArray(value)) input.value = value.map(shown).join(", ");
      else input.value = value === null ? "" : typeof value === "number" ? shown(value) : value;
      if (slider && typeof value === "number") {
        slider.value = value;
        slider.style.setProperty("--part", part(slider));
      }
    };
    return { element, set };
  }
}

const part = (slider) => `${(100 * (slider.value - slider.min)) / (slider.max - slider.min || 1)}%`;

/** Sends the latest of many values, one at a time: what came in between is left out. */
export class Latest {
  #running = false;
  #waiting = null;

  constructor(send) {
    this.send = send;
  }

  async push(...given) {
    this.#waiting = given;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#waiting) {
        const next = this.#waiting;
        this.#waiting = null;
        await this.send(...next);
      }
    } finally {
      this.#running = false;
    }
  }
}
