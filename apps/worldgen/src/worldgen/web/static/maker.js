// Make a world: a name, a seed, and the plugins that it begins with.
import { api } from "./api.js";
import { button, find, guest, make, plain } from "./dom.js";

const NAMES = ["Auring", "Belmaar", "Corvane", "Duskholm", "Elderay", "Fenmark", "Galdor", "Highreach", "Ilvane", "Kestrel Sea", "Lormoor", "Myrhold", "Norrland", "Ostwick", "Pellanor", "Quillon"];
const BEGIN = ["ridged-mountains", "rivers", "biomes"];

const dice = () => Math.floor(Math.random() * 1e6);

export async function makeWorld(created) {
  const dialog = find("maker");
  const offers = await api.search("");
  const order = ["ridged-mountains", "islands", "erosion", "rivers", "caves", "biomes"];
  const place = (one) => (order.includes(one.name) ? order.indexOf(one.name) : 3.5);
  offers.sort((a, b) => place(a) - place(b));
  const name = make("input", { type: "text", value: NAMES[dice() % NAMES.length], maxlength: 100, required: "", "aria-label": "Name" });
  const seed = make("input", { type: "number", value: String(dice()), min: 0, step: 1, "aria-label": "Seed" });
  const boxes = offers.map((one) => {
    const box = make("input", { type: "checkbox", checked: BEGIN.includes(one.name) });
    return { box, one, row: make("label", { class: "choice" }, box, make("span", {}, guest(one.title, "strong"), guest(one.description, "span", { class: "hint" }))) };
  });
  const error = make("p", { class: "reason bad", role: "alert", hidden: true });
  const form = make("form", {
    on: {
      submit: async (event) => {
        event.preventDefault();
        try {
          const world = await api.create({
            name: name.value,
            settings: { seed: Number(seed.value) },
            chain: boxes.filter(({ box }) => box.checked).map(({ one }) => ({ name: one.name, version: one.version })),
          });
          dialog.close();
          created(world);
        } catch (failure) {
          error.hidden = false;
          error.textContent = plain(failure.message);
        }
      },
    },
  },
  make("header", {}, make("h2", { id: "maker-title" }, "New world"), button("×", () => dialog.close(), { class: "plain", "aria-label": "Close" })),
  make("div", { class: "row" }, make("label", { class: "grow" }, "Name", name), make("label", {}, "Seed", seed), button("↻", () => { seed.value = String(dice()); }, { "aria-label": "Another seed", class: "dice" })),
  make("fieldset", { class: "choices" }, make("legend", {}, "Plugins to begin with"), boxes.map(({ row }) => row)),
  error,
  make("div", { class: "row actions" }, make("span", { class: "grow" }), button("Cancel", () => dialog.close()), make("button", { type: "submit", class: "primary" }, "Create")));
  dialog.replaceChildren(form);
  dialog.showModal();
  name.select();
}
