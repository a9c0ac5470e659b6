// What there is to draw, by element, in chunks that go to the graphics card as a whole.

import { dot } from "./camera.js";

const CHUNK = 120_000; // vertices
const REACH = 6; // pixels: how far a click may be from a line

export class Scene {
  pieces = new Map();
  chunks = new Set();
  vertices = 0;
  #open = null;
  #whole = undefined;

  /** Take what a frame says. */
  apply({ reset, removed, pieces }) {
    this.#whole = undefined;
    if (reset) {
      this.pieces.clear();
      for (const chunk of this.chunks) chunk.gone = true;
      this.#open = null;
      this.vertices = 0;
    }
    for (const id of removed) this.#remove(id);
    for (const piece of pieces) {
      const before = this.pieces.get(piece.id);
      const chunk = before && before.chunk.size + size(piece) < 2 * CHUNK ? before.chunk : null;
      if (before) this.#remove(piece.id);
      this.#add(piece, chunk && !chunk.gone ? chunk : null);
    }
  }

  #add(piece, chunk) {
    if (!chunk) {
      if (!this.#open || this.#open.gone || this.#open.size > CHUNK) {
        this.#open = { origin: [...piece.origin], pieces: new Set(), size: 0, dirty: true, gone: false };
        this.chunks.add(this.#open);
      }
      chunk = this.#open;
    }
    chunk.gone = false;
    chunk.pieces.add(piece);
    chunk.size += size(piece);
    chunk.dirty = true;
    piece.chunk = chunk;
    this.pieces.set(piece.id, piece);
    this.vertices += size(piece);
  }

  #remove(id) {
    const piece = this.pieces.get(id);
    if (!piece) return;
    const chunk = piece.chunk;
    chunk.pieces.delete(piece);
    chunk.size -= size(piece);
    chunk.dirty = true;
    this.pieces.delete(id);
    this.vertices -= size(piece);
  }

  /** The box around everything; null when nothing has a place. */
  whole() {
    if (this.#whole === undefined) this.#whole = this.box();
    return this.#whole;
  }

  /** The box around everything, or around some elements; null when nothing has a place. */
  box(ids = null) {
    const found = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
    const chosen = ids ? ids.map((id) => this.pieces.get(id)).filter(Boolean) : this.pieces.values();
    for (const piece of chosen) {
      if (!size(piece) && !piece.labels.length) continue;
      for (let i = 0; i < 3; i++) {
        found[i] = Math.min(found[i], piece.origin[i] + piece.box[i]);
        found[i + 3] = Math.max(found[i + 3], piece.origin[i] + piece.box[i + 3]);
      }
    }
    return found[0] <= found[3] ? found : null;
  }

  /** The element at a pixel: a line or a point that is near, else the nearest face; or null. */
  pick(camera, x, y) {
    let face = null;
    let line = null;
    for (const piece of this.#near(camera, x, y)) {
      const there = new Projected(camera, piece);
      const faceAt = there.face(x, y);
      if (faceAt !== null && (!face || faceAt > face.depth)) face = { id: piece.id, depth: faceAt };
      const lineAt = there.line(x, y);
      if (lineAt && (!line || better(lineAt, line, camera))) line = { id: piece.id, ...lineAt };
    }
    const visible = line && (!face || line.depth > face.depth - 4 * REACH * camera.scale);
    return visible ? line.id : (face?.id ?? null);
  }

  *#near(camera, x, y) {
    for (const piece of this.pieces.values()) {
      const { box, origin } = piece;
      const half = [0, 1, 2].map((i) => (box[i + 3] - box[i]) / 2);
      const [px, py] = camera.project(...[0, 1, 2].map((i) => origin[i] + (box[i] + box[i + 3]) / 2));
      const wide = camera.spread(half, camera.right) / camera.scale + REACH;
      const high = camera.spread(half, camera.up) / camera.scale + REACH;
      if (Math.abs(px - x) <= wide && Math.abs(py - y) <= high) yield piece;
    }
  }
}

export const size = (piece) => piece.starts[3] + piece.counts[3];

/** Nearer to the click; where that is the same, nearer to the eye. */
function better(one, other, camera) {
  const difference = one.away - other.away;
  return Math.abs(difference) > 0.5 ? difference < 0 : one.depth > other.depth + camera.scale * 1e-6;
}

/** A piece on the screen. */
class Projected {
  constructor(camera, piece) {
    this.camera = camera;
    this.piece = piece;
    const [x, y, depth] = camera.project(...piece.origin);
    Object.assign(this, { x, y, depth });
  }

  at(index) {
    const from = this.piece.positions.subarray(3 * index, 3 * index + 3);
    const { camera } = this;
    return [
      this.x + dot(from, camera.right) / camera.scale,
      this.y - dot(from, camera.up) / camera.scale,
      this.depth + dot(from, camera.near),
    ];
  }

  /** How near the nearest face is that has this pixel; null when none has. */
  face(x, y) {
    const first = this.piece.starts[2]; // areas, then faces
    let nearest = null;
    for (let i = first; i < size(this.piece); i += 3) {
      const [a, b, c] = [this.at(i), this.at(i + 1), this.at(i + 2)];
      const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
      if (!area) continue;
      const v = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area;
      const w = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area;
      if (v < 0 || w < 0 || v + w > 1) continue;
      const depth = a[2] + v * (b[2] - a[2]) + w * (c[2] - a[2]);
      if (nearest === null || depth > nearest) nearest = depth;
    }
    for (const label of this.piece.labels) {
      if (this.#within(label, x, y)) nearest = Math.max(nearest ?? -Infinity, this.depth);
    }
    return nearest;
  }

  #within(label, x, y) {
    const { camera, piece } = this;
    const start = camera.project(...label.at.map((one, i) => one + piece.origin[i]));
    const axis = (v) => [dot(v, camera.right) / camera.scale, -dot(v, camera.up) / camera.scale];
    const [r, u] = [axis(label.right), axis(label.up)];
    const area = r[0] * u[1] - r[1] * u[0];
    if (!area) return false;
    const [dx, dy] = [x - start[0], y - start[1]];
    const along = (dx * u[1] - dy * u[0]) / area;
    const across = (r[0] * dy - r[1] * dx) / area;
    return along >= 0 && along <= 0.6 * label.height * label.text.length && across >= 0 && across <= label.height;
  }

  /** The nearest line or point: how many pixels away, and how near to the eye; null if far. */
  line(x, y) {
    const { counts, starts } = this.piece;
    let best = null;
    const offer = (away, depth) => {
      if (away <= REACH && (!best || away < best.away - 0.5 || (away < best.away + 0.5 && depth > best.depth))) {
        best = { away, depth };
      }
    };
    for (let i = 0; i < counts[0]; i++) {
      const [px, py, depth] = this.at(i);
      offer(Math.max(0, Math.hypot(px - x, py - y) - 2), depth);
    }
    for (let i = starts[1]; i < starts[1] + counts[1]; i += 2) {
      const [a, b] = [this.at(i), this.at(i + 1)];
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
      const length = dx * dx + dy * dy;
      const t = length ? Math.min(1, Math.max(0, ((x - a[0]) * dx + (y - a[1]) * dy) / length)) : 0;
      offer(Math.hypot(a[0] + t * dx - x, a[1] + t * dy - y), a[2] + t * (b[2] - a[2]));
    }
    return best;
  }
}
