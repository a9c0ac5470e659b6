// A parallel projection: what is where on the screen. Lengths are doubles; the graphics card gets
// what is left when the camera's target has been taken away.

const PLAN = { yaw: 0, pitch: Math.PI / 2 };
const ISOMETRIC = { yaw: Math.PI / 4, pitch: Math.atan(Math.SQRT1_2) };

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export class Camera {
  target = [0, 0, 0];
  scale = 0.1; // units of the document for each pixel
  width = 1;
  height = 1;
  plan = true;

  constructor() {
    this.look(PLAN);
  }

  /** From above, or from the front right and above. */
  set(plan) {
    this.plan = plan;
    this.look(plan ? PLAN : ISOMETRIC);
  }

  look({ yaw, pitch }) {
    this.yaw = yaw;
    this.pitch = Math.min(Math.PI / 2, Math.max(-Math.PI / 2, pitch));
    const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
    const [flat, high] = [Math.cos(this.pitch), Math.sin(this.pitch)];
    this.right = [cos, sin, 0];
    this.near = [flat * sin, -flat * cos, high];
    this.up = [-high * sin, high * cos, flat];
  }

  orbit(dx, dy) {
    this.look({ yaw: this.yaw - dx * 0.008, pitch: this.pitch + dy * 0.008 });
  }

  /** Move by pixels. */
  pan(dx, dy) {
    this.shift(-dx * this.scale, dy * this.scale);
  }

  shift(right, up) {
    this.target = this.target.map((one, i) => one + right * this.right[i] + up * this.up[i]);
  }

  /** Make everything larger (factor < 1) around a pixel that stays where it is. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(1e13, Math.max(1e-12, this.scale * factor));
    const change = this.scale - scale;
    this.scale = scale;
    this.shift((x - this.width / 2) * change, (this.height / 2 - y) * change);
  }

  /** Show a box: smallest and largest x, y, z. */
  fit(box) {
    const middle = [0, 1, 2].map((i) => (box[i] + box[i + 3]) / 2);
    const half = [0, 1, 2].map((i) => (box[i + 3] - box[i]) / 2);
    const wide = this.spread(half, this.right);
    const high = this.spread(half, this.up);
    this.target = middle;
    const scale = 1.12 * Math.max((2 * wide) / this.width, (2 * high) / this.height);
    this.scale = scale > 0 && Number.isFinite(scale) ? scale : Math.max(1e-6, this.scale);
  }

  /** Half of how far a box of these half sizes reaches along a direction. */
  spread(half, direction) {
    return half.reduce((sum, one, i) => sum + one * Math.abs(direction[i]), 0);
  }

  /** Where a point is: pixels from the upper left corner, and how near. */
  project(x, y, z) {
    const from = [x - this.target[0], y - this.target[1], z - this.target[2]];
    return [
      this.width / 2 + dot(from, this.right) / this.scale,
      this.height / 2 - dot(from, this.up) / this.scale,
      dot(from, this.near),
    ];
  }

  /** The point of the ground (z = 0) at a pixel; in the plane of the screen if that is edge on. */
  ground(x, y) {
    const right = (x - this.width / 2) * this.scale;
    const up = (this.height / 2 - y) * this.scale;
    const at = this.target.map((one, i) => one + right * this.right[i] + up * this.up[i]);
    if (Math.abs(this.near[2]) < 0.05) return at;
    const far = at[2] / this.near[2];
    return at.map((one, i) => one - far * this.near[i]);
  }

  /** The matrix that takes what lies around the target to where WebGL draws, by columns. */
  matrix(depth, middle) {
    const [sx, sy, sz] = [2 / (this.width * this.scale), 2 / (this.height * this.scale), -1 / depth];
    const { right: r, up: u, near: n } = this;
    // prettier-ignore
    return new Float32Array([
      r[0] * sx, u[0] * sy, n[0] * sz, 0,
      r[1] * sx, u[1] * sy, n[1] * sz, 0,
      r[2] * sx, u[2] * sy, n[2] * sz, 0,
      0, 0, -middle * sz, 1,
    ]);
  }
}
