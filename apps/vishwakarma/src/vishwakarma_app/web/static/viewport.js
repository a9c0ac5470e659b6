// The drawing and the hand on it: moving, turning, zooming, clicking; and its texts.

import { Camera, dot } from "./camera.js";
import { decode } from "./frames.js";
import { Renderer } from "./renderer.js";
import { Scene } from "./scene.js";

const CLICK = 4; // pixels: what moves farther is no click
const MOST_WORDS = 3_000;
const SMALLEST = 4; // pixels of a text that one can see

export class Viewport {
  scene = new Scene();
  camera = new Camera();
  selection = [];
  #due = false;
  #fitted = false;
  #pointers = new Map();
  #moved = 0;
  #dragging = "";

  /** `chosen(id, adding)` is called for clicks, `moved([x, y])` with places under the pointer. */
  constructor(solid, words, { chosen, moved, failed }) {
    this.solid = solid;
    this.words = words;
    this.pen = words.getContext("2d");
    this.chosen = chosen;
    this.failed = failed;
    this.renderer = new Renderer(solid);
    new ResizeObserver(() => this.#resize()).observe(solid);
    this.#resize();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    solid.addEventListener("pointerdown", (event) => this.#down(event));
    solid.addEventListener("pointermove", (event) => {
      this.#move(event);
      moved(this.camera.ground(event.offsetX, event.offsetY));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      solid.addEventListener(name, (event) => this.#up(event));
    }
    solid.addEventListener("pointerleave", () => moved(null));
    solid.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    solid.addEventListener("contextmenu", (event) => event.preventDefault());
    solid.addEventListener("webglcontextlost", () => failed("the graphics card was lost; open the page again"));
  }

  /** Take a frame from the application. */
  take(buffer) {
    const frame = decode(buffer);
    const empty = frame.reset || !this.scene.pieces.size;
    this.scene.apply(frame);
    if (empty) this.#fitted = false;
    if (!this.#fitted && this.scene.whole()) {
      if (empty) this.camera.set(this.#flat());
      this.fit();
      // What is still on its way belongs to the same drawing: it is all fitted once it is there.
      this.#fitted = frame.last;
    }
    this.solid.dataset.current = "no";
    this.solid.dataset.frames = 1 + Number(this.solid.dataset.frames ?? 0);
    this.solid.dataset.pieces = frame.pieces.length;
    this.solid.dataset.vertices = this.scene.vertices;
    this.draw();
  }

  #flat() {
    const box = this.scene.whole();
    return !box || box[5] - box[2] < 1e-9;
  }

  select(ids) {
    this.selection = ids;
    this.draw();
  }

  /** Show the selection, or everything. */
  fit() {
    const box = (this.selection.length && this.scene.box(this.selection)) || this.scene.whole();
    if (box) this.camera.fit(box);
    this.draw();
  }

  /** Show everything, also what is on its way. */
  fitNext() {
    this.#fitted = false;
    this.fit();
  }

  look(plan) {
    this.camera.set(plan);
    this.fit();
  }

  zoom(factor) {
    this.camera.zoom(factor);
    this.draw();
  }

  pan(dx, dy) {
    this.camera.pan(dx, dy);
    this.draw();
  }

  /** The next element after the one that is selected, or the one before it. */
  neighbour(step) {
    const ids = [...this.scene.pieces.keys()].sort((a, b) => a - b);
    if (!ids.length) return null;
    const at = ids.indexOf(this.selection[0]);
    return ids[at < 0 ? (step > 0 ? 0 : ids.length - 1) : (at + step + ids.length) % ids.length];
  }

  draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      if (this.renderer.busy) {
        this.draw();
        return;
      }
      const look = colors();
      const marked = this.selection.map((id) => this.scene.pieces.get(id)).filter(Boolean);
      this.renderer.draw(this.scene, this.camera, marked, look);
      this.#write(look);
      this.solid.dataset.current = "yes";
    });
  }

  #resize() {
    this.camera.width = Math.max(1, this.solid.clientWidth);
    this.camera.height = Math.max(1, this.solid.clientHeight);
    this.draw();
  }

  #down(event) {
    this.solid.focus({ preventScroll: true });
    this.solid.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (this.#pointers.size > 1) this.#moved = Infinity;
    else {
      this.#moved = 0;
      const turning = !this.camera.plan && event.button === 0 && !event.shiftKey;
      this.#dragging = turning ? "orbit" : "pan";
    }
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.offsetX, event.offsetY];
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    if (this.#pointers.size === 2) {
      const [other] = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const far = (at) => Math.max(1, Math.hypot(at[0] - other[0], at[1] - other[1]));
      this.camera.zoom(far(before) / far(now), other[0], other[1]);
      this.camera.pan(dx / 2, dy / 2);
      this.draw();
    } else {
      this.#moved += Math.hypot(dx, dy);
      if (this.#moved > CLICK) {
        if (this.#dragging === "orbit") this.camera.orbit(dx, dy);
        else this.camera.pan(dx, dy);
        this.solid.classList.add("dragging");
        this.draw();
      }
    }
    this.#pointers.set(event.pointerId, now);
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    this.solid.classList.remove("dragging");
    if (event.type === "pointerup" && event.button === 0 && this.#moved <= CLICK) {
      const id = this.scene.pick(this.camera, event.offsetX, event.offsetY);
      this.chosen(id, event.shiftKey || event.ctrlKey || event.metaKey);
    }
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const turn = Math.max(-240, Math.min(240, event.deltaY * lines));
    this.camera.zoom(Math.exp(turn * 0.0016), event.offsetX, event.offsetY);
    this.draw();
  }

  /** Texts of the drawing, and where the axes point. */
  #write(look) {
    const { pen, words, camera } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (words.width !== width || words.height !== height) Object.assign(words, { width, height });
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    const selected = new Set(this.selection);
    let written = 0;
    for (const piece of this.scene.pieces.values()) {
      for (const label of piece.labels) {
        if (written >= MOST_WORDS) break;
        written += this.#label(piece, label, ratio, selected.has(piece.id), look);
      }
    }
    if (!camera.plan) this.#axes(ratio, look);
  }

  #label(piece, label, ratio, selected, look) {
    const { pen, camera } = this;
    const tall = (Math.hypot(...label.up) * label.height) / camera.scale;
    if (tall < SMALLEST) return 0;
    const [x, y] = camera.project(...label.at.map((one, i) => one + piece.origin[i]));
    const wide = tall * label.text.length;
    if (x < -wide || x > camera.width + wide || y < -wide || y > camera.height + wide) return 0;
    const axis = (v) => [dot(v, camera.right) / camera.scale, -dot(v, camera.up) / camera.scale];
    const [right, up] = [axis(label.right), axis(label.up)];
    const size = label.height / 0.7; // of a font, whose capitals have 0.7 of it
    const unit = size / 100;
    pen.setTransform(
      right[0] * unit * ratio, right[1] * unit * ratio, -up[0] * unit * ratio, -up[1] * unit * ratio, x * ratio, y * ratio,
    );
    pen.font = "100px Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
    pen.fillStyle = selected ? css(look.accent) : readable(label.color, look);
    label.text.split("\n").forEach((line, row) => pen.fillText(line, 0, row * 130));
    return 1;
  }

  #axes(ratio, look) {
    const { pen, camera } = this;
    const middle = [44, camera.height - 44];
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.lineWidth = 2;
    pen.font = "600 11px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const axes = [["X", [1, 0, 0], "#d9534f"], ["Y", [0, 1, 0], "#3fa34d"], ["Z", [0, 0, 1], "#3b82d6"]];
    axes.sort((a, b) => dot(a[1], camera.near) - dot(b[1], camera.near));
    for (const [name, axis, color] of axes) {
      const [dx, dy] = [26 * dot(axis, camera.right), -26 * dot(axis, camera.up)];
      pen.strokeStyle = pen.fillStyle = color;
      pen.beginPath();
      pen.moveTo(...middle);
      pen.lineTo(middle[0] + dx, middle[1] + dy);
      pen.stroke();
      pen.fillText(name, middle[0] + dx * 1.35, middle[1] + dy * 1.35);
    }
    pen.textAlign = "start";
    pen.textBaseline = "alphabetic";
  }
}

const DARK = {
  dark: true,
  background: [0.094, 0.106, 0.125],
  accent: [0.36, 0.66, 1],
  grid: [255, 255, 255, 26],
  xAxis: [217, 83, 79, 130],
  yAxis: [63, 163, 77, 130],
};
const LIGHT = {
  dark: false,
  background: [0.985, 0.987, 0.99],
  accent: [0.09, 0.42, 0.87],
  grid: [20, 40, 80, 26],
  xAxis: [200, 60, 55, 120],
  yAxis: [40, 140, 60, 120],
};

function colors() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT;
}

const css = (color) => `rgb(${color.map((one) => Math.round(255 * one)).join(" ")})`;

/** A text's colour, nearer to what can be read on this background. */
function readable(color, look) {
  const parts = [color >>> 24, (color >>> 16) & 255, (color >>> 8) & 255];
  const light = (0.3 * parts[0] + 0.59 * parts[1] + 0.11 * parts[2]) / 255;
  if (look.dark && light < 0.2) return "rgb(214 219 227)";
  if (!look.dark && light > 0.9) return "rgb(115 115 115)";
  return `rgb(${parts.join(" ")} / ${(color & 255) / 255})`;
}
