// WebGL 2: lines, points and triangles, in chunks. Draws when there is something new, not always.

const VERTEX = `#version 300 es
in vec3 position;
in vec4 color;
uniform mat4 view;
uniform vec3 offset;
uniform vec2 shift;
uniform float size;
out vec3 place;
out vec4 paint;
void main() {
  place = position + offset;
  gl_Position = view * vec4(place, 1.0);
  gl_Position.xy += shift;
  gl_PointSize = size;
  paint = color;
}`;

// What would not be seen on this background is drawn nearer to the colour of its text: black is
// white at night. A black solid is grey, since black has no shades.
const FRAGMENT = `#version 300 es
precision highp float;
in vec3 place;
in vec4 paint;
uniform bool lit;
uniform bool dark;
uniform bool round_;
uniform vec3 near;
uniform vec4 tint;
uniform float opacity;
out vec4 result;
void main() {
  if (round_ && length(gl_PointCoord - 0.5) > 0.5) discard;
  vec3 color = paint.rgb;
  float light = dot(color, vec3(0.3, 0.59, 0.11));
  if (lit) color = mix(color, dark ? vec3(0.55, 0.58, 0.62) : vec3(0.74, 0.76, 0.79), smoothstep(0.14, 0.02, light));
  else if (dark) color = mix(color, vec3(0.84, 0.86, 0.89), smoothstep(0.3, 0.02, light));
  else color = mix(color, vec3(0.45), smoothstep(0.86, 1.0, light));
  if (lit) {
    vec3 normal = normalize(cross(dFdx(place), dFdy(place)));
    if (dot(normal, near) < 0.0) normal = -normal;
    color *= 0.68 + 0.34 * dot(normal, normalize(vec3(0.35, -0.6, 0.72)));
  }
  result = vec4(mix(color, tint.rgb, tint.a), paint.a * opacity);
}`;

const KINDS = 4; // points, lines, areas, faces

export class Renderer {
  #gl;
  #program;
  #uniforms = {};
  #overlay = null;
  #grid = null;
  #done = null;

  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: true, alpha: false, powerPreference: "high-performance" });
    if (!gl) throw new Error("this browser has no WebGL 2, which the drawing needs");
    this.#gl = gl;
    this.canvas = canvas;
    this.#program = program(gl);
    for (const name of ["view", "offset", "shift", "size", "lit", "dark", "round_", "near", "tint", "opacity"]) {
      this.#uniforms[name] = gl.getUniformLocation(this.#program, name);
    }
    gl.useProgram(this.#program);
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
  }

  /** Whether the graphics card is still at the picture before: another one would only wait. */
  get busy() {
    const gl = this.#gl;
    if (!this.#done || gl.isContextLost()) return false;
    if (gl.getSyncParameter(this.#done, gl.SYNC_STATUS) !== gl.SIGNALED) return true;
    gl.deleteSync(this.#done);
    this.#done = null;
    return false;
  }

  /** Draw a scene. `selected` are pieces to mark, `look` colours of the page. */
  draw(scene, camera, selected, look) {
    const gl = this.#gl;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.clearColor(...look.background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.#refresh(scene);
    const { depth, middle } = depths(scene, camera);
    const u = this.#uniforms;
    gl.uniformMatrix4fv(u.view, false, camera.matrix(depth, middle));
    gl.uniform3fv(u.near, camera.near);
    gl.uniform1i(u.dark, look.dark);
    gl.uniform2f(u.shift, 0, 0);
    gl.uniform4f(u.tint, 0, 0, 0, 0);
    gl.uniform1f(u.opacity, 1);
    this.#drawGrid(camera, look);
    const chunks = [...scene.chunks];
    gl.enable(gl.POLYGON_OFFSET_FILL);
    gl.polygonOffset(2, 4); // behind its own lines, and behind its own mark
    for (const kind of [2, 3]) for (const chunk of chunks) this.#paint(chunk, kind, camera);
    gl.disable(gl.POLYGON_OFFSET_FILL);
    for (const chunk of chunks) this.#paint(chunk, 1, camera);
    gl.uniform1f(u.size, 5 * ratio);
    for (const chunk of chunks) this.#paint(chunk, 0, camera);
    if (selected.length) this.#mark(selected, camera, look, ratio);
    this.#done = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
  }

  #paint(chunk, kind, camera) {
    const gl = this.#gl;
    const part = chunk.parts[kind];
    if (!part.count) return;
    gl.uniform1i(this.#uniforms.lit, kind === 3);
    gl.uniform1i(this.#uniforms.round_, kind === 0);
    gl.uniform3fv(this.#uniforms.offset, chunk.origin.map((one, i) => one - camera.target[i]));
    gl.bindVertexArray(part.array);
    gl.drawArrays([gl.POINTS, gl.LINES, gl.TRIANGLES, gl.TRIANGLES][kind], 0, part.count);
  }

  /** What is selected, again, in the page's colour and through what is before it. */
  #mark(selected, camera, look, ratio) {
    const gl = this.#gl;
    const u = this.#uniforms;
    const same = this.#overlay?.pieces;
    if (!same || same.length !== selected.length || same.some((one, i) => one !== selected[i])) {
      if (this.#overlay) this.#free(this.#overlay);
      this.#overlay = { origin: [...selected[0].origin], pieces: selected, parts: null };
      this.#fill(this.#overlay);
    }
    gl.uniform4f(u.tint, ...look.accent, 0.45);
    gl.enable(gl.POLYGON_OFFSET_FILL);
    gl.polygonOffset(1, 2);
    for (const kind of [2, 3]) this.#paint(this.#overlay, kind, camera);
    gl.disable(gl.POLYGON_OFFSET_FILL);
    gl.uniform4f(u.tint, ...look.accent, 1);
    gl.disable(gl.DEPTH_TEST); // faintly, where something is before it
    gl.uniform1f(u.opacity, 0.22);
    this.#paint(this.#overlay, 1, camera);
    gl.enable(gl.DEPTH_TEST);
    gl.uniform1f(u.opacity, 1);
    const [dx, dy] = [ratio / this.canvas.width, ratio / this.canvas.height];
    for (const [x, y] of [[-dx, -dy], [dx, -dy], [-dx, dy], [dx, dy]]) {
      gl.uniform2f(u.shift, x, y);
      this.#paint(this.#overlay, 1, camera);
    }
    gl.disable(gl.DEPTH_TEST);
    gl.uniform2f(u.shift, 0, 0);
    gl.uniform1f(u.size, 9 * ratio);
    this.#paint(this.#overlay, 0, camera);
    gl.enable(gl.DEPTH_TEST);
  }

  /** Lines on the ground at round distances; the axes in their colours. */
  #drawGrid(camera, look) {
    const gl = this.#gl;
    const lines = gridLines(camera, look);
    const count = lines.positions.length / 3;
    if (!this.#grid) this.#grid = { parts: [null, this.#part()] };
    const part = this.#grid.parts[1];
    this.#load(part, new Float32Array(lines.positions), new Uint8Array(lines.colors), count);
    gl.depthMask(false);
    gl.disable(gl.DEPTH_TEST);
    gl.uniform1i(this.#uniforms.lit, false);
    gl.uniform1i(this.#uniforms.round_, false);
    gl.uniform1i(this.#uniforms.dark, false);
    gl.uniform3f(this.#uniforms.offset, 0, 0, 0);
    gl.bindVertexArray(part.array);
    gl.drawArrays(gl.LINES, 0, count);
    gl.enable(gl.DEPTH_TEST);
    gl.depthMask(true);
    gl.uniform1i(this.#uniforms.dark, look.dark);
  }

  #refresh(scene) {
    for (const chunk of scene.chunks) {
      if (chunk.gone || !chunk.pieces.size) {
        this.#free(chunk);
        scene.chunks.delete(chunk);
        chunk.gone = true;
      } else if (chunk.dirty) {
        this.#fill(chunk);
        chunk.dirty = false;
      }
    }
  }

  #part() {
    const gl = this.#gl;
    const part = { array: gl.createVertexArray(), buffers: [gl.createBuffer(), gl.createBuffer()], count: 0 };
    gl.bindVertexArray(part.array);
    for (const [name, index, parts, type, unit] of [
      ["position", 0, 3, gl.FLOAT, false],
      ["color", 1, 4, gl.UNSIGNED_BYTE, true],
    ]) {
      const place = gl.getAttribLocation(this.#program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, part.buffers[index]);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, parts, type, unit, 0, 0);
    }
    return part;
  }

  #load(part, positions, colors, count) {
    const gl = this.#gl;
    for (const [index, data] of [positions, colors].entries()) {
      gl.bindBuffer(gl.ARRAY_BUFFER, part.buffers[index]);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    }
    part.count = count;
  }

  #fill(chunk) {
    chunk.parts ??= Array.from({ length: KINDS }, () => this.#part());
    for (let kind = 0; kind < KINDS; kind++) {
      let count = 0;
      for (const piece of chunk.pieces) count += piece.counts[kind];
      const positions = new Float32Array(3 * count);
      const colors = new Uint8Array(4 * count);
      let at = 0;
      for (const piece of chunk.pieces) {
        const [first, length] = [piece.starts[kind], piece.counts[kind]];
        const offset = [0, 1, 2].map((i) => piece.origin[i] - chunk.origin[i]);
        const from = piece.positions;
        for (let i = 0; i < 3 * length; i += 3) {
          positions[3 * at + i] = from[3 * first + i] + offset[0];
          positions[3 * at + i + 1] = from[3 * first + i + 1] + offset[1];
          positions[3 * at + i + 2] = from[3 * first + i + 2] + offset[2];
        }
        colors.set(piece.colors.subarray(4 * first, 4 * (first + length)), 4 * at);
        at += length;
      }
      this.#load(chunk.parts[kind], positions, colors, count);
    }
  }

  #free(chunk) {
    for (const part of chunk.parts ?? []) {
      this.#gl.deleteVertexArray(part.array);
      for (const buffer of part.buffers) this.#gl.deleteBuffer(buffer);
    }
    chunk.parts = null;
  }
}

function program(gl) {
  const made = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
  return made;
}

/** How deep the scene is along the line of sight, and where its middle is. */
function depths(scene, camera) {
  const box = scene.whole() ?? [0, 0, 0, 0, 0, 0];
  const half = [0, 1, 2].map((i) => (box[i + 3] - box[i]) / 2);
  const middle = [0, 1, 2].reduce(
    (sum, i) => sum + ((box[i] + box[i + 3]) / 2 - camera.target[i]) * camera.near[i],
    0,
  );
  return { depth: 1.05 * camera.spread(half, camera.near) + 1e3 * camera.scale, middle };
}

function gridLines(camera, look) {
  const positions = [];
  const colors = [];
  const raw = 14 * camera.scale;
  const step = 10 ** Math.ceil(Math.log10(raw));
  const reach = 0.75 * Math.hypot(camera.width, camera.height) * camera.scale;
  const [cx, cy] = camera.ground(camera.width / 2, camera.height / 2);
  const z = -camera.target[2];
  const line = (x1, y1, x2, y2, color) => {
    const [tx, ty] = camera.target;
    positions.push(x1 - tx, y1 - ty, z, x2 - tx, y2 - ty, z);
    colors.push(...color, ...color);
  };
  const strength = Math.min(1, step / raw / 10 + 0.15);
  const fade = (color, part) => [color[0], color[1], color[2], Math.round(color[3] * part)];
  for (const [size, color] of [[step, fade(look.grid, strength)], [10 * step, look.grid]]) {
    for (let i = Math.ceil((cx - reach) / size); i <= (cx + reach) / size; i++) {
      line(i * size, cy - reach, i * size, cy + reach, i === 0 ? look.yAxis : color);
    }
    for (let i = Math.ceil((cy - reach) / size); i <= (cy + reach) / size; i++) {
      line(cx - reach, i * size, cx + reach, i * size, i === 0 ? look.xAxis : color);
    }
  }
  return { positions, colors };
}
