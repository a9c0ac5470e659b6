// What opens over the page: forms for extensions, the library, a block's script, messages.

import { button, h, icon } from "./dom.js";
import { form } from "./forms.js";

/** Show a dialog; what the button that closed it stands for, or null. */
export function dialog(title, content, actions, { wide = false } = {}) {
  return new Promise((resolve) => {
    let value = null;
    const heading = h("h2", { text: title, id: `dialog${Math.trunc(performance.now() * 1000)}` });
    const box = h("dialog", { class: wide ? "wide" : "", "aria-labelledby": heading.id });
    const close = () => box.close();
    const buttons = actions.map(({ word, primary, act }) =>
      h("button", { type: primary ? "submit" : "button", class: primary ? "primary" : "", onclick: primary ? null : close }, word),
    );
    const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
    const main = actions.find((one) => one.primary);
    box.append(
      h(
        "form",
        {
          method: "dialog",
          novalidate: true,
          onsubmit: (event) => {
            event.preventDefault();
            try {
              value = main ? main.act() : null;
              close();
            } catch (error) {
              wrong.textContent = error.message;
              wrong.hidden = false;
            }
          },
        },
        h("header", {}, heading, button("close", "", close, { label: "Close" })),
        h("div", { class: "content" }, content),
        wrong,
        actions.length ? h("footer", {}, buttons) : null,
      ),
    );
    box.addEventListener("close", () => {
      box.remove();
      resolve(value);
    });
    document.body.append(box);
    box.showModal();
    box.querySelector(".content input, .content select, .content [autofocus]")?.focus();
  });
}

/** Choose one of some extensions, and its parameters: { extension, parameters } or null. */
export function chooseExtension(title, extensions, word, note = "") {
  let current = null;
  const body = h("div");
  const show = (one) => {
    current = { one, fields: form(one.parameters) };
    body.replaceChildren(one.parameters.length ? current.fields.element : h("p", { class: "none", text: "It has no parameters." }));
  };
  const choice =
    extensions.length > 1
      ? h(
          "div",
          { class: "field" },
          h("label", { for: "extension", text: "What to run" }),
          h(
            "select",
            { id: "extension", onchange: (event) => show(extensions[event.target.selectedIndex]) },
            extensions.map((one) => h("option", { text: `${one.title}${one.suffixes[0] ? ` (${one.suffixes[0]})` : ""}` })),
          ),
        )
      : null;
  show(extensions[0]);
  return dialog(title, [note ? h("p", { class: "note", text: note }) : "", choice ?? "", body], [
    { word: "Cancel" },
    { word, primary: true, act: () => ({ extension: current.one.name, parameters: current.fields.values() }) },
  ]);
}

/** Choose a block of the library: its name, or null. */
export function chooseBlock(library) {
  return new Promise((resolve) => {
    let box = null;
    const rows = library.map(({ name, title }) =>
      h("li", {}, h("button", { type: "button", "data-block": name, onclick: () => choose(name) }, icon("block"), h("span", { text: title }))),
    );
    let chosen = null;
    const choose = (name) => {
      chosen = name;
      box.querySelector("dialog[open]:last-of-type")?.close();
    };
    box = document.body;
    dialog("Insert a block", h("ul", { class: "library" }, rows), [{ word: "Cancel" }]).then(() => resolve(chosen));
  });
}

/** A block's script, with the line at fault marked. */
export function showScript(block, source, line, message) {
  const rows = source.split("\n").map((text, index) =>
    h(
      "li",
      { class: index + 1 === line ? "fault" : "", "aria-current": index + 1 === line ? "true" : null },
      h("code", { text: text || " " }),
    ),
  );
  const done = dialog(block, [
    message ? h("p", { class: "fault", role: "alert" }, icon("warning"), h("span", { text: message })) : "",
    h("ol", { class: "script", tabindex: "0", autofocus: true, "aria-label": `Script of ${block}` }, rows),
  ], [{ word: "Close" }], { wide: true });
  document.querySelector("dialog[open] li.fault")?.scrollIntoView({ block: "center" });
  return done;
}

/** Messages in the corner: errors stay until they are closed. */
export class Messages {
  constructor(element) {
    this.element = element;
  }

  say(text, wrong = false) {
    const last = this.element.lastElementChild;
    if (last?.dataset.text === text && last.classList.contains("wrong") === wrong) last.remove();
    const message = h(
      "div",
      { class: wrong ? "message wrong" : "message", role: wrong ? "alert" : null, "data-text": text },
      wrong ? icon("warning") : "",
      h("p", { text }),
      button("close", "", () => message.remove(), { label: "Close this message" }),
    );
    this.element.append(message);
    while (this.element.childElementCount > 4) this.element.firstElementChild.remove();
    if (!wrong) setTimeout(() => message.remove(), 6_000);
  }
}

/** What is being done, how far it is, and a way to end it. */
export class Activity {
  #title = h("strong");
  #message = h("span", { class: "message" });
  #bar = h("progress", { max: "1", "aria-label": "Progress" });

  constructor(element, cancel) {
    this.element = element;
    element.append(
      h("div", { class: "row" }, this.#title, button("", "Cancel", cancel, { class: "" })),
      this.#bar,
      this.#message,
    );
  }

  show(activity) {
    this.element.hidden = !activity;
    if (!activity) return;
    this.#title.textContent = activity.title;
    this.#message.textContent = activity.message;
    if (activity.fraction === null) this.#bar.removeAttribute("value");
    else this.#bar.value = activity.fraction;
  }
}
