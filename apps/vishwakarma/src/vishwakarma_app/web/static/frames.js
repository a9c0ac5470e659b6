// Frames of the drawing, as vishwakarma_app/web/frames.py describes them. Nothing in one is copied:
// the arrays of its pieces look into it.

const MAGIC = 0x31534b56;
const RESET = 1;
const LAST = 2;
const KINDS = 4; // points, lines, areas, faces

/** What a frame says: elements to forget, and pieces that are new or different. */
export function decode(buffer) {
  const head = new Uint32Array(buffer, 0, 8);
  const [magic, flags, gone, count, vertices, labelBytes] = head;
  const size = 32 + 8 * gone + 8 * count + 24 * count + 24 * count + 4 * KINDS * count + 16 * vertices + labelBytes;
  if (magic !== MAGIC || size !== buffer.byteLength) throw new Error("a part of the drawing is damaged");
  let at = 32;
  const take = (Kind, length) => {
    const view = new Kind(buffer, at, length);
    at += view.byteLength;
    return view;
  };
  const removed = take(Float64Array, gone);
  const ids = take(Float64Array, count);
  const origins = take(Float64Array, 3 * count);
  const boxes = take(Float32Array, 6 * count);
  const counts = take(Uint32Array, KINDS * count);
  const positions = take(Float32Array, 3 * vertices);
  const colors = take(Uint8Array, 4 * vertices);
  const labels = labelBytes ? JSON.parse(new TextDecoder().decode(take(Uint8Array, labelBytes))) : [];
  const pieces = [];
  let first = 0;
  for (let i = 0; i < count; i++) {
    const own = [...counts.subarray(KINDS * i, KINDS * i + KINDS)];
    const starts = [0, own[0], own[0] + own[1], own[0] + own[1] + own[2]];
    const total = starts[3] + own[3];
    if (first + total > vertices) throw new Error("a part of the drawing is damaged");
    pieces.push({
      id: ids[i],
      origin: origins.subarray(3 * i, 3 * i + 3),
      box: boxes.subarray(6 * i, 6 * i + 6),
      counts: own,
      starts,
      positions: positions.subarray(3 * first, 3 * (first + total)),
      colors: colors.subarray(4 * first, 4 * (first + total)),
      labels: [],
    });
    first += total;
  }
  for (const label of labels) pieces[label.piece].labels.push(label);
  return { reset: Boolean(flags & RESET), last: Boolean(flags & LAST), removed, pieces };
}
