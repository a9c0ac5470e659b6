// A plugin's parameters, as its manifest describes them: sliders, fields, boxes.
import { guest, make, plain } from "./dom.js";

function step(parameter) {
  if (parameter.type === "int") return 1;
  const span = parameter.high - parameter.low;
  return Number((10 ** Math.floor(Math.log10(span / 100))).toPrecision(1));
}

export function shown(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
}

function input(name, parameter, value, changed) {
  const label = plain(name);
  if (parameter.type === "bool") {
    return make("input", { type: "checkbox", checked: value, "aria-label": label, on: { change: (event) => changed(event.target.checked) } });
  }
  if (parameter.type === "str" && parameter.choices.length) {
    return make("select", { "aria-label": label, on: { change: (event) => changed(parameter.choices[event.target.selectedIndex]) } },
      parameter.choices.map((one) => {
        const option = make("option", {}, plain(one));
        option.selected = one === value;
        return option;
      }));
  }
  if (parameter.type === "str") {
    return make("input", { type: "text", value, maxlength: 2000, "aria-label": label, on: { change: (event) => changed(event.target.value) } });
  }
  const number = (text) => {
    const found = Number(text);
    if (text.trim() && Number.isFinite(found)) changed(parameter.type === "int" ? Math.round(found) : found);
  };
  if (parameter.low === null || parameter.high === null || !(parameter.high > parameter.low)) {
    return make("input", { type: "number", step: "any", value: shown(value), "aria-label": label, on: { change: (event) => number(event.target.value) } });
  }
  const slider = make("input", {
    type: "range", min: parameter.low, max: parameter.high, step: step(parameter), "aria-label": label,
    on: { input: (event) => { slider.nextSibling.textContent = unit(parameter, event.target.value); }, change: (event) => number(event.target.value) },
  });
  slider.value = value;
  return slider;
}

function unit(parameter, value) {
  return plain(`${shown(Number(value))}${parameter.unit ? ` ${parameter.unit}` : ""}`);
}

// One line for each; `changed(name, value)` when a person has set one.
export function parameterFields(parameters, values, changed) {
  return Object.entries(parameters).map(([name, parameter]) => {
    const value = name in values ? values[name] : parameter.default;
    const field = input(name, parameter, value, (set) => changed(name, set));
    const output = make("output", {}, typeof value === "number" ? unit(parameter, value) : "");
    return make("div", { class: "parameter" },
      make("div", { class: "names" }, guest(name.replaceAll("_", " "), "bdi", { class: "name" }), guest(parameter.help, "bdi", { class: "hint" })),
      field, output);
  });
}
