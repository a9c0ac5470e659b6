// Elements of the page. Text is only ever set as text: a name with markup in it is a name.

/** Make an element: attributes by name, functions as listeners (`onclick`), `text` as its text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((one) => one !== null && one !== undefined));
  return element;
}

const PATHS = {
  open: "M3 6.500A1.500 1.500 0 0 1 4.500 5H9l2 2.500h8.500A1.500 1.500 0 0 1 21 9v9.500a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 3 18.500z",
  save: "M4 5.500A1.500 1.500 0 0 1 5.500 4H16l4 4v10.500a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 18.500z M8 4v5h7V4 M8 20v-6h8v6",
  import: "M12 3v11 M7.500 9.500 12 14l4.500-4.500 M4 15v4.500h16V15",
  export: "M12 14V3 M7.500 7.500 12 3l4.500 4.500 M4 15v4.500h16V15",
  undo: "M8.500 5 4 9.500 8.500 14 M4 9.500h10a5.500 5.500 0 0 1 0 11H9",
  redo: "M15.500 5 20 9.500 15.500 14 M20 9.500H10a5.500 5.500 0 0 0 0 11h5",
  block: "M12 3l8 4.500v9L12 21l-8-4.500v-9z M12 12l8-4.500 M12 12v9 M12 12 4 7.500",
  command: "M5 6l6 6-6 6 M13 18h7",
  fit: "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z M12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600z",
  hidden: "M4 4l16 16 M9.500 5.900A9 9 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a17 17 0 0 1-3 3.700 M6 7.500A16 16 0 0 0 2.500 12S6 18.500 12 18.500a9 9 0 0 0 4-.900",
  extension: "M9 4.500a2 2 0 1 1 4 0V6h4.500A1.500 1.500 0 0 1 19 7.500V11h-1.500a2 2 0 1 0 0 4H19v3.500a1.500 1.500 0 0 1-1.500 1.500H6.500A1.500 1.500 0 0 1 5 18.500V7.500A1.500 1.500 0 0 1 6.500 6H9z",
  find: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13z M15.500 15.500 21 21",
  refresh: "M19.500 12a7.500 7.500 0 1 1-2.200-5.300 M19.500 4v4h-4",
  close: "M6 6l12 12 M18 6 6 18",
  warning: "M12 4 2.500 20h19z M12 10v5 M12 17.500v.500",
  trash: "M4 7h16 M9 7V4h6v3 M6 7l1 13h10l1-13",
  new: "M6 3h8l4 4v14H6z M14 3v4h4 M12 11v6 M9 14h6",
};

/** A drawing of 16 pixels beside a word that says the same. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon and a word; `label` alone is for screen readers and tooltips. */
export function button(name, word, onclick, { label = null, primary = false, ...more } = {}) {
  const inside = [name ? icon(name) : null, word ? h("span", { text: word }) : null];
  const attributes = { type: "button", title: label, "aria-label": word ? null : label, onclick, ...more };
  return h("button", { ...attributes, class: primary ? "primary" : word ? "" : "bare" }, ...inside);
}

/** A number as people read it: at most six digits that mean something. */
export function shown(value) {
  if (!Number.isFinite(value)) return "–";
  const rounded = Number(value.toPrecision(7));
  return Math.abs(rounded) >= 1e9 || (rounded !== 0 && Math.abs(rounded) < 1e-4)
    ? rounded.toExponential(4)
    : String(rounded);
}

/** A count, with what is counted. */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** 0xRRGGBBAA as #rrggbb. */
export function hex(color) {
  return `#${(color >>> 8).toString(16).padStart(6, "0")}`;
}
