// The page: one world at a time, its chain, the workshop beside it, and the map.
import { api } from "./api.js";
import { Atlas } from "./atlas.js";
import { button, find, guest, make, plain, say, trying } from "./dom.js";
import { Editor } from "./editor.js";
import { failureView, submissionView } from "./findings.js";
import { makeWorld } from "./maker.js";
import { parameterFields } from "./parameters.js";

let world = null; // as the server told it last
let status = { links: [], failures: [] };
let offers = [];
let draftKey = 0;
let opened = new Set(); // plugins whose parameters are unfolded

const atlas = new Atlas(() => later(lookAtStatus, 300));
const editor = new Editor(async (told, add) => {
  await lookAtWorkshop();
  if (add) await addPlugin(told.name, told.version);
  else await lookAtStatus();
});

const timers = new Map();
function later(act, milliseconds) {
  clearTimeout(timers.get(act));
  timers.set(act, setTimeout(() => { timers.delete(act); act(); }, milliseconds));
}

// --- worlds ---------------------------------------------------------------------------------

async function lookAtWorlds(chosen) {
  const all = (await trying(api.worlds)) || [];
  const select = find("worlds");
  select.replaceChildren(...all.map((one) => make("option", { value: one.id }, plain(one.name))));
  select.disabled = !all.length;
  find("welcome").hidden = all.length > 0;
  if (chosen) select.value = chosen.id;
  const next = chosen || all.at(-1) || null;
  if (next) { select.value = next.id; open(next); } else { open(null); }
}

function open(next) {
  const other = !world || !next || world.id !== next.id;
  world = next;
  status = { links: [], failures: [] };
  for (const id of ["settings", "chain", "workshop"]) find(id).hidden = !world;
  if (other) { opened = new Set(); atlas.home(); }
  show();
  lookAtStatus();
}

function show() {
  if (!world) {
    atlas.show("before", null);
    atlas.show("after", null);
    find("preview").hidden = true;
    find("trouble").hidden = true;
    return;
  }
  atlas.show("before", api.tiles(world.id, false, `${world.revision}`));
  atlas.show("after", world.draft ? api.tiles(world.id, true, `${world.revision}-${draftKey}`) : null);
  if (find("preview").hidden && world.draft) find("swipe").value = "0";
  find("preview").hidden = !world.draft;
  atlas.cut();
  showSettings();
  showChain();
  showOffers();
}

function slider(text, name, low, high, step, unit) {
  const output = make("output", {}, `${world.settings[name]}${unit}`);
  const field = make("input", { type: "range", min: low, max: high, step, "aria-label": text, on: {
    input: () => { output.textContent = `${field.value}${unit}`; },
    change: () => changeSettings({ [name]: Number(field.value) }),
  } });
  field.value = world.settings[name];
  return make("div", { class: "parameter" }, make("div", { class: "names" }, make("span", { class: "name" }, text)), field, output);
}

function showSettings() {
  const name = make("input", { type: "text", value: world.name, maxlength: 100, "aria-label": "Name", on: { change: () => changeSettings({}, name.value) } });
  const seed = make("input", { type: "number", value: String(world.settings.seed), min: 0, step: 1, "aria-label": "Seed", on: { change: () => changeSettings({ seed: Number(seed.value) }) } });
  find("settings").replaceChildren(
    make("div", { class: "row" }, make("label", { class: "grow" }, "Name", name), make("label", {}, "Seed", seed),
      button("↻", () => changeSettings({ seed: Math.floor(Math.random() * 1e6) }), { "aria-label": "Another seed", class: "dice" })),
    slider("Sea level", "sea_level", -2000, 2000, 10, " m"),
    slider("Relief", "relief", 0, 3, 0.1, ""),
    make("div", { class: "row" }, make("span", { class: "grow" }), button("Delete this world", remove, { class: "link danger" })));
}

async function changeSettings(changes, name = world.name) {
  const id = world.id;
  const changed = await trying(() => api.change(id, { name, settings: { ...world.settings, ...changes } }));
  if (!changed) { show(); return; }
  const option = [...find("worlds").options].find((one) => one.value === id);
  if (option) option.textContent = plain(changed.name);
  world = changed;
  draftKey += 1;
  show();
}

async function remove() {
  if (find("settings").dataset.sure !== "yes") {
    find("settings").dataset.sure = "yes";
    say("Press “Delete this world” again to delete it for good.", "note");
    setTimeout(() => { find("settings").dataset.sure = ""; }, 6000);
    return;
  }
  find("settings").dataset.sure = "";
  await trying(() => api.remove(world.id));
  world = null;
  await lookAtWorlds();
}

// --- the chain ------------------------------------------------------------------------------

const working = () => (world.draft || world.chain).map(({ name, version, parameters }) => ({ name, version, parameters }));

async function propose(chain) {
  const id = world.id;
  try {
    world = await api.draft(id, chain, world.revision);
  } catch (error) {
    say(error.message);
    if (error.status === 409) world = await api.world(id);
    show();
    return;
  }
  draftKey += 1;
  show();
  await lookAtStatus();
}

async function addPlugin(name, version) {
  const chain = working().filter((one) => one.name !== name);
  // What says what grows is best asked where everything else is done.
  const at = chain.findIndex((one) => one.name === "biomes");
  chain.splice(at < 0 ? chain.length : at, 0, { name, version, parameters: {} });
  opened.add(name);
  await propose(chain);
}

function moved(at, by) {
  const chain = working();
  const [one] = chain.splice(at, 1);
  chain.splice(at + by, 0, one);
  propose(chain);
}

function showChain() {
  const told = new Map(status.links.map((one) => [one.name, one]));
  const chain = world.draft || world.chain;
  const keep = document.activeElement && document.activeElement.closest("#links") ? document.activeElement.getAttribute("aria-label") : null;
  find("links").replaceChildren(...chain.map((link, at) => linkCard(link, at, chain.length, told.get(link.name))));
  if (!chain.length) find("links").append(make("li", { class: "hint" }, "No plugin yet: the spec’s own low hills. Add one from the workshop below."));
  if (keep) [...find("links").querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === keep)?.focus();
}

function linkCard(link, at, count, told) {
  const manifest = told && told.version === link.version ? told.manifest : null;
  const offer = offers.find((one) => one.name === link.name);
  const title = manifest ? manifest.title : offer ? offer.title : link.name;
  const notes = [];
  if (told && told.withheld) notes.push(make("div", { class: "note bad", role: "note" }, make("strong", {}, "Not loaded. "), guest(told.withheld)));
  if (told && told.quarantined) {
    notes.push(make("div", { class: "note odd quarantine", role: "note" },
      make("strong", {}, "Quarantined. "), "The spec’s own answer stands in. ", guest(`${told.quarantined.hook}: ${told.quarantined.reason}`),
      make("div", { class: "row" }, make("span", { class: "hint grow" }, `Tried again in ${Math.ceil(told.retry)} s`), button("Ask it again", () => askAgain(link.name)))));
  }
  if (told && told.newest) {
    notes.push(make("div", { class: "note" }, guest(`Version ${told.newest} is there. `),
      button("Preview the update", () => propose(working().map((one) => (one.name === link.name ? { ...one, version: told.newest } : one))))));
  }
  const fields = manifest && Object.keys(manifest.parameters).length
    ? make("details", { open: opened.has(link.name), on: { toggle: (event) => (event.target.open ? opened.add(link.name) : opened.delete(link.name)) } },
      make("summary", {}, "Parameters"),
      parameterFields(manifest.parameters, link.parameters, (name, value) => {
        propose(working().map((one) => (one.name === link.name ? { ...one, parameters: { ...one.parameters, [name]: value } } : one)));
      }))
    : null;
  const label = plain(title);
  return make("li", { class: "link-card", "data-plugin": link.name },
    make("div", { class: "row" },
      make("span", { class: "title" }, guest(title, "strong"), make("span", { class: "hint" }, guest(`${link.name} ${link.version}`))),
      button("↑", () => moved(at, -1), { "aria-label": `Move ${label} up`, class: "small", disabled: at === 0 }),
      button("↓", () => moved(at, 1), { "aria-label": `Move ${label} down`, class: "small", disabled: at === count - 1 }),
      button("✎", () => editor.change(link.name, link.version, Boolean(offer && offer.own)), { "aria-label": `Edit ${label}`, class: "small" }),
      button("✕", () => propose(working().filter((one) => one.name !== link.name)), { "aria-label": `Remove ${label}`, class: "small" })),
    notes, fields);
}

async function askAgain(name) {
  await trying(() => api.release(world.id, name));
  atlas.redraw();
  await lookAtStatus();
}

async function lookAtStatus() {
  if (!world) return;
  const id = world.id;
  const draft = Boolean(world.draft);
  let told;
  try {
    told = await api.status(id, draft);
  } catch {
    return; // the next one tells
  }
  if (!world || world.id !== id || Boolean(world.draft) !== draft) return;
  const still = ({ links, failures }) => JSON.stringify([links.map((one) => ({ ...one, retry: 0 })), failures]);
  const changed = still(told) !== still(status);
  status = told;
  if (changed) {
    showChain();
    find("trouble").hidden = !told.failures.length;
    find("failures").replaceChildren(...told.failures.slice(0, 12).map(failureView));
  }
  if (told.links.some((one) => one.quarantined) || told.failures.length) later(lookAtStatus, 4000);
}

// --- the workshop ---------------------------------------------------------------------------

async function lookAtWorkshop() {
  offers = (await trying(() => api.search(find("query").value))) || [];
  showOffers();
  const uploads = (await trying(api.uploads)) || [];
  showWaiting(uploads.filter((one) => one.state === "in-review"));
}

// What the analysis wants a person to look at stays here until somebody has decided.
function showWaiting(uploads) {
  find("waiting").hidden = !uploads.length;
  find("waiting").querySelector("ul").replaceChildren(...uploads.map((told) => make("li", { class: "offer" },
    submissionView(told, null, async (publish) => {
      await trying(() => api.decide(told.id, publish));
      await lookAtWorkshop();
    }))));
}

function showOffers() {
  if (!world) return;
  const used = new Set((world.draft || world.chain).map((one) => one.name));
  find("offers").replaceChildren(...offers.map((one) => make("li", { class: "offer", "data-plugin": one.name },
    make("div", { class: "row" },
      make("span", { class: "title" }, guest(one.title, "strong"), make("span", { class: "hint" }, guest(`${one.version} · by ${one.author}`))),
      button("Source", () => editor.change(one.name, one.version, one.own), { "aria-label": `Source of ${plain(one.title)}`, class: "small wide" }),
      button(used.has(one.name) ? "Added" : "Add", () => addPlugin(one.name, one.version), { "aria-label": `Add ${plain(one.title)}`, class: "small wide", disabled: used.has(one.name) })),
    one.description ? guest(one.description, "p", { class: "hint" }) : null)));
  if (!offers.length) find("offers").append(make("li", { class: "hint" }, "Nothing was found."));
}

// --- beginning ------------------------------------------------------------------------------

const newWorld = () => trying(() => makeWorld((made) => lookAtWorlds(made)));
find("new-world").addEventListener("click", newWorld);
find("first-world").addEventListener("click", newWorld);
find("worlds").addEventListener("change", async (event) => open(await trying(() => api.world(event.target.value))));
find("write").addEventListener("click", () => editor.write());
find("query").addEventListener("input", () => later(lookAtWorkshop, 200));
find("keep").addEventListener("click", async () => {
  const kept = await trying(() => api.adopt(world.id, world.revision));
  world = kept || (await api.world(world.id));
  show();
  lookAtStatus();
});
find("discard").addEventListener("click", async () => {
  const left = await trying(() => api.discard(world.id, world.revision));
  world = left || (await api.world(world.id));
  show();
  lookAtStatus();
});

lookAtWorkshop().then(() => lookAtWorlds());
