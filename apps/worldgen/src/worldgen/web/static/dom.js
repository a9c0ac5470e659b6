// Elements are made here, and texts are only ever set as text.

// Characters that are not seen and change how others are: controls, and what turns the direction.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]/g;

// A stranger's text as it may be shown: what is unseen is written out.
export function plain(text) {
  return String(text).replace(UNSEEN, (one) => `[U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

const PROPERTIES = new Set(["checked", "disabled", "hidden", "open", "value"]);

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    } else if (PROPERTIES.has(name)) {
      made[name] = value;
    } else if (value !== null && value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

// A stranger's text, in an element of its own that its direction does not leave.
export function guest(text, tag = "bdi", attributes = {}) {
  return make(tag, attributes, plain(text));
}

export function button(text, act, attributes = {}) {
  return make("button", { type: "button", on: { click: act }, ...attributes }, text);
}

export const find = (id) => document.getElementById(id);

export function say(text, kind = "error") {
  const said = make("div", { class: `message ${kind}` }, plain(text));
  said.append(button("×", () => said.remove(), { class: "plain", "aria-label": "Close" }));
  const all = find("messages");
  all.append(said);
  while (all.children.length > 4) all.firstChild.remove();
  if (kind !== "error") setTimeout(() => said.remove(), 6000);
}

export async function trying(act) {
  try {
    return await act();
  } catch (error) {
    say(error.message);
    return undefined;
  }
}
