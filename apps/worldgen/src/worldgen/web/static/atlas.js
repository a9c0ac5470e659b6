// The map: the world's tiles, and over them the draft's, cut where the person compares them.
/* global L */
import { find } from "./dom.js";

const CRS = L.extend({}, L.CRS.Simple, { transformation: new L.Transformation(1, 0, 1, 0) });
const BOUNDS = L.latLngBounds([[-256, -256], [256, 256]]);

export class Atlas {
  constructor(onLoad) {
    this.map = L.map("map", {
      crs: CRS, minZoom: 0, maxZoom: 9, zoomControl: false, attributionControl: false,
      maxBounds: BOUNDS.pad(0.15), maxBoundsViscosity: 0.8, center: [0, 0], zoom: 2,
      fadeAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
    this.map.createPane("after").classList.add("after");
    this.onLoad = onLoad;
    this.before = null;
    this.after = null;
    this.metres = 32768 / 2; // of a pixel at zoom 0
    find("zoom-in").addEventListener("click", () => this.map.zoomIn());
    find("zoom-out").addEventListener("click", () => this.map.zoomOut());
    find("swipe").addEventListener("input", () => this.cut());
    this.map.on("move zoomend resize", () => this.cut());
    this.moving = false;
    this.map.on("movestart zoomstart", () => { this.moving = true; this.busy(); });
    // Layers hear of it too, and begin to load what is seen now.
    this.map.on("moveend", () => { this.moving = false; setTimeout(() => this.busy(), 0); });
    this.map.on("mousemove moveend zoomend", (event) => this.place(event.latlng));
    new ResizeObserver(() => this.map.invalidateSize()).observe(find("map"));
  }

  // Show the tiles at these addresses; null takes them away.
  show(which, url) {
    if (this[which] && this[which].url === url) return;
    if (this[which]) this[which].layer.remove();
    this[which] = null;
    if (url) {
      const layer = L.tileLayer(url, {
        tileSize: 256, bounds: BOUNDS, noWrap: true, minZoom: 0, maxZoom: 9, keepBuffer: 1,
        pane: which === "after" ? "after" : "tilePane", alt: "",
        updateWhenZooming: false,
      });
      layer.on("loading", () => this.busy());
      layer.on("load", () => { this.busy(); this.onLoad(); });
      layer.addTo(this.map);
      this[which] = { url, layer };
    }
    this.busy();
    this.cut();
  }

  redraw() {
    for (const one of [this.before, this.after]) if (one) one.layer.redraw();
  }

  busy() {
    const shown = [this.before, this.after].filter((one) => one);
    const busy = shown.some((one) => one.layer.isLoading());
    find("drawing").hidden = !busy;
    find("map").dataset.drawn = shown.length && !busy && !this.moving ? "yes" : "no";
  }

  cut() {
    const pane = this.map.getPane("after");
    const size = this.map.getSize();
    const corner = this.map.containerPointToLayerPoint([0, 0]);
    const left = corner.x + (size.x * Number(find("swipe").value)) / 100;
    pane.style.clip = `rect(${corner.y}px, ${corner.x + size.x}px, ${corner.y + size.y}px, ${left}px)`;
  }

  place(at) {
    const zoom = this.map.getZoom();
    const where = at || this.map.getCenter();
    const km = (value) => Math.round((value * this.metres) / 1000).toLocaleString("en");
    const side = (value, names) => `${km(Math.abs(value))} km ${names[value < 0 ? 0 : 1]}`;
    const pixel = this.metres / 2 ** zoom;
    const scale = pixel >= 1000 ? `${(pixel / 1000).toLocaleString("en")} km` : `${pixel} m`;
    find("place").textContent = `${side(where.lng, "WE")}, ${side(where.lat, "NS")} · ${scale} a pixel`;
  }

  home() {
    this.map.setView([0, 0], 2, { animate: false });
  }
}
