/** The network map: owns the canvases, the fold state and the camera; answers the pointer and the keys. */

import { gestures } from "../shared/gestures.js";
import { Bitmaps } from "./bitmaps.js";
import { Camera, ease } from "./camera.js";
import { defaultUnfolded, enclosing, foldTree, foldView } from "./fold.js";
import { hitTest } from "./hit.js";
import { layout } from "./layout.js";
import { Legend } from "./legend.js";
import { Minimap } from "./minimap.js";
import { moveFocus } from "./move_focus.js";
import { buildFrame, snapshot, writeWords } from "./map_frame.js";
import { paintOverlay } from "./overlay.js";
import { paint } from "./paint.js";
import { between } from "./transition.js";
import { readTheme } from "../shared/theme.js";
import { sentence, Tooltip } from "./tooltip.js";

const UNFOLD_MS = 380;
export class NetworkMap {
  /**
   * @param {HTMLElement} host
   * @param {object} store
   */
  constructor(host, store) {
    this.host = host;
    this.store = store;
    this.bitmaps = new Bitmaps(store);
    this.camera = new Camera();
    this.scene = null;
    this.unfolded = new Set();
    this.hover = null;
    this.focused = null; // the keyboard's place: {id, row}
    this.home = null; // the view that a new network, or "fit", began with
    this.state = { hover: null, focus: null, place: store.place };
    this.dirty = { base: false, overlay: false };
    this.#build();
    this.theme = readTheme(host);
    this.stops = [
      store.on("overview", () => this.update("overview")),
      store.on("layer", () => this.redraw()),
      store.on("values", () => this.redraw()),
      store.on("scale", () => this.redraw()),
      store.on("place", () => this.focus(store.place)),
      gestures(this.base, this.camera, {
        moved: () => this.redraw(),
        hover: (x, y) => this.#point(x, y),
        leave: () => this.#point(null),
        click: (x, y, touch) => this.#click(x, y, touch),
        double: (x, y) => this.#double(x, y),
        active: () => this.#active(),
        refused: () => this.#toast(store.text("Click the map first, or hold Ctrl, to zoom with the wheel")),
        grab: (on) => {
          this.base.classList.toggle("nm-grab", on);
          if (on) this.#point(null);
        },
      }),
    ];
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.view);
    if (store.overview) this.update("overview");
  }

  #build() {
    const { store } = this;
    Object.assign(this, buildFrame(this.host));
    this.base.addEventListener("keydown", (event) => this.#key(event));
    this.base.addEventListener("focus", () => this.base.classList.add("nm-held"));
    this.base.addEventListener("blur", () => {
      this.base.classList.remove("nm-held");
      this.focused = null;
      this.#again("overlay");
    });
    this.tip = new Tooltip(this.view, store, this.bitmaps);
    this.legend = new Legend(this.legendHost, store, this.bitmaps);
    this.minimap = new Minimap(this.mini, (x, y, jump) => this.#lookAt(x, y, jump), () => this.store.place.node == null);
  }

  #words() {
    writeWords(this, this.store, { closer: () => this.#zoomBy(1.6), farther: () => this.#zoomBy(1 / 1.6), fit: () => this.fit() });
  }

  /** New data; "overview" is another image or another network. */
  update(what) {
    if (what !== "overview") return this.redraw();
    const { overview } = this.store;
    this.bitmaps.clear();
    const same = this.model === overview.model.key && this.nodes === overview.nodes.length;
    this.model = overview.model.key;
    this.nodes = overview.nodes.length;
    this.tree = foldTree(overview);
    this.asked = "";
    if (!same) {
      this.unfolded = defaultUnfolded(overview);
      this.focused = null;
    }
    this.moving = null;
    this.#words();
    this.#arrange();
    if (!same) this.#goHome();
    this.hover = null;
    this.tip.hide();
    this.redraw();
    if (this.store.place.node != null) this.focus(this.store.place);
  }

  /** Fold, lay out, and make the scene of it. */
  #arrange() {
    const { store, camera, bitmaps, theme } = this;
    const view = foldView(store.overview, this.unfolded, this.tree);
    const map = this.#layout(view);
    const group = (key) => {
      const all = new Map();
      for (const edge of view.edges) all.set(edge[key], [...(all.get(edge[key]) ?? []), edge]);
      return all;
    };
    const railed = new Map(map.rails.flatMap((rail) => rail.edges.map((edge) => [edge, rail])));
    this.scene = {
      overview: store.overview, view, boxes: map.boxes, frames: map.frames, rails: map.rails, bounds: map.bounds, railed,
      incoming: group("to"), outgoing: group("from"), camera, theme, bitmaps, store, appear: null, wants: [],
      width: camera.width, height: camera.height, window: camera.window,
    };
    this.map = map;
    camera.bounds = map.bounds;
  }

  /** Where the window is low for the number of rows, rows stand closer: the whole is then larger. */
  #layout(view) {
    const { overview } = this.store;
    const { camera } = this;
    let best = null;
    for (const pitch of overview.small && camera.height > 1 ? [62, 58, 54, 50] : [62]) {
      const map = layout(overview, view, { pitch });
      const zoom = Math.min((camera.width - 2 * camera.margin) / map.bounds.w, (camera.height - 2 * camera.margin) / map.bounds.h);
      if (!best || zoom > best.zoom * 1.01) best = { map, zoom };
    }
    return best.map;
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.view;
    if (!width || !height) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const first = this.camera.width === 1;
    const home = !first && this.#isHome();
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.mini.width = Math.round(this.mini.clientWidth * ratio);
    this.mini.height = Math.round(this.mini.clientHeight * ratio);
    this.ratio = ratio;
    Object.assign(this.camera, { width, height, margin: width < 600 ? 14 : 26 });
    if (!this.scene) return;
    if (first || home) {
      this.moving = null;
      this.#arrange();
      this.#goHome();
    }
    this.redraw();
    this.#frame(performance.now());
  }

  #isHome() {
    const { camera } = this;
    return this.home && Math.abs(camera.k - this.home.k) < 1e-6 && Math.abs(camera.x - this.home.x) < 1;
  }

  #goHome() {
    this.home = this.camera.home({ readable: true });
    this.camera.set(this.home);
  }

  fit() {
    this.home = this.camera.home();
    this.camera.fly(this.home);
    this.redraw();
  }

  redraw() {
    this.#again("base");
  }

  #again(what) {
    this.dirty[what] = true;
    this.request ??= requestAnimationFrame((now) => this.#frame(now));
  }

  #frame(now) {
    cancelAnimationFrame(this.request);
    this.request = null;
    const { scene, camera } = this;
    if (!scene || !this.ratio) return;
    const flying = camera.tick(now);
    const moving = this.#transition(now);
    if (flying || moving) this.dirty.base = true;
    const { base } = this.dirty;
    this.dirty = { base: false, overlay: false };
    Object.assign(scene, { theme: this.theme, width: camera.width, height: camera.height, window: camera.window });
    if (base) {
      paint(this.base.getContext("2d"), scene, this.ratio);
      this.minimap.paint(scene, this.ratio, scene.view.itemOf[this.store.place.node] ?? null);
      if (!flying && !moving) this.#ask();
      this.root.dataset.painted = this.store.overview.trace; // for tests and benchmarks
    }
    Object.assign(this.state, { hover: this.hover, focus: this.focused, place: this.store.place });
    paintOverlay(this.over.getContext("2d"), scene, this.ratio, this.state);
    const { node } = this.store.place;
    const hovered = this.hover?.box ? this.store.node(this.hover.box.item.node) : null;
    this.legend.draw(this.theme, hovered ?? (node == null ? null : this.store.node(node)), this.hover?.channel ?? null, this.hover?.box?.item.label);
    if (flying || moving) this.#again("base");
  }

  /** Ask for what the present zoom misses: one whole layer, the values of one channel. */
  #ask() {
    if (this.store.place.node != null || !this.scene.wants.length) return;
    const largest = (name) => this.scene.wants.filter((want) => want[name] !== undefined).sort((a, b) => b.size - a.size)[0]?.[name];
    const layer = largest("layer");
    const values = largest("values");
    const what = { ...(layer === undefined ? {} : { layer }), ...(values ? { values } : {}) };
    const key = JSON.stringify(what);
    if (key === this.asked) return;
    this.asked = key;
    clearTimeout(this.askTimer);
    this.askTimer = setTimeout(() => this.store.request(what), 120);
  }

  /** Unfold or fold a group; what `anchor` names keeps its place on the screen. */
  toggle(groupId, open, pointer = null) {
    const before = this.map;
    const { camera } = this;
    const old = open ? before.boxes.get(`s:${groupId}`) : before.frames.get(`f:${groupId}`);
    if (!old) return;
    if (open) this.unfolded.add(groupId);
    else this.unfolded.delete(groupId);
    this.#arrange();
    const now = open ? this.map.frames.get(`f:${groupId}`) : this.map.boxes.get(`s:${groupId}`);
    const left = old.x * camera.k + camera.x;
    const screenX = open ? left : Math.max(left, Math.min(pointer ?? left, camera.width - 120) - now.w * camera.k * 0.5, 24);
    this.moving = {
      start: null, from: before, to: this.map, anchor: now.id,
      fromX: left, toX: open ? screenX : Math.min(screenX, camera.width - 60), axisY: old.axis * camera.k + camera.y,
    };
    camera.flight = null;
    this.hover = null;
    this.tip.hide();
    this.focused = this.focused && { id: open ? this.#firstInside(groupId) : now.id, row: -1 };
    const said = this.focused && this.map.boxes.get(this.focused.id);
    if (said) this.live.textContent = sentence(this.store, said, -1);
    this.redraw();
  }

  #firstInside(groupId) {
    const { first } = this.tree.folds.get(groupId).group;
    return this.scene.view.itemOf[first];
  }

  #transition(now) {
    const { moving, camera, scene } = this;
    if (!moving) return false;
    moving.start ??= now;
    const t = camera.still.matches ? 1 : Math.min(1, (now - moving.start) / UNFOLD_MS);
    const e = ease(t);
    Object.assign(scene, t === 1 ? { boxes: moving.to.boxes, frames: moving.to.frames, rails: moving.to.rails, appear: null } : between(moving, e));
    const anchor = scene.boxes.get(moving.anchor) ?? scene.frames.get(moving.anchor);
    camera.x = moving.fromX + (moving.toX - moving.fromX) * e - anchor.x * camera.k;
    camera.y = moving.axisY - anchor.axis * camera.k;
    if (t < 1) return true;
    this.moving = null;
    // What has become taller than the view is shown whole.
    if (anchor.frame && anchor.h * camera.k > camera.height - 8) camera.fly(camera.viewOf(anchor, camera.k));
    return Boolean(camera.flight);
  }

  /** The reader is at a place: bring its column into sight, unfolding what hides it. */
  focus(place) {
    if (!this.scene) return;
    this.tip.hide();
    this.hover = null;
    if (place.node == null && this.last?.node != null) {
      // Back on the map: the keys go on from where the reader was.
      const box = this.scene.boxes.get(this.scene.view.itemOf[this.last.node]);
      if (box) this.focused = { id: box.id, row: box.thumbs.findIndex((thumb) => thumb.channel === this.last.channel) };
    }
    if (place.node == null) this.last = null;
    else this.last = { node: place.node, channel: place.channel ?? (this.last?.node === place.node ? this.last.channel : null) };
    if (place.node != null) {
      const item = this.scene.view.items.get(this.scene.view.itemOf[place.node]);
      if (item?.kind === "slab" && item.node !== place.node) {
        for (const id of enclosing(this.store.overview, place.node)) this.unfolded.add(id);
        this.moving = null;
        this.#arrange();
      }
      const box = this.map.boxes.get(this.scene.view.itemOf[place.node]);
      if (box) this.camera.reveal({ x: box.left, y: box.top, w: box.right - box.left, h: box.bottom - box.top }, 260, 0.22);
    }
    this.redraw();
  }

  /** Where a column or a channel stands on the page, for what grows out of it. */
  rectOf({ node, channel = null }) {
    const box = this.scene?.boxes.get(this.scene.view.itemOf[node]);
    if (!box) return null;
    const thumb = box.thumbs.find((candidate) => candidate.channel === channel) ?? { x: 0, y: 0, w: box.w, h: box.h };
    const { k, x, y } = this.camera;
    const page = this.base.getBoundingClientRect();
    return new DOMRect(page.left + (box.x + thumb.x) * k + x, page.top + (box.y + thumb.y) * k + y, thumb.w * k, thumb.h * k);
  }

  themeChanged() {
    this.theme = readTheme(this.host);
    this.redraw();
  }

  #active() {
    return this.base.getRootNode().activeElement === this.base;
  }

  #zoomBy(factor) {
    const { camera } = this;
    camera.fly(camera.zoomedAt(camera.width / 2, camera.height / 2, factor), 220);
    this.redraw();
  }

  #lookAt(wx, wy, jump) {
    const { camera } = this;
    if (this.store.place.node != null) return jump && this.#openNearest(wx, wy);
    const target = { k: camera.k, x: camera.width / 2 - wx * camera.k, y: camera.height / 2 - wy * camera.k };
    if (jump) camera.fly(target, 260);
    else camera.set(target);
    this.redraw();
  }

  /** While a layer is open, the strip below leads from layer to layer. */
  #openNearest(wx, wy) {
    const away = ({ x, w, y, h }) => Math.hypot(Math.max(x - wx, 0, wx - x - w), Math.max(y - wy, 0, wy - y - h));
    const columns = [...this.scene.boxes.values()].filter(({ item }) => item.kind !== "plumbing" && item.node != null);
    const nearest = columns.sort((a, b) => away(a) - away(b))[0];
    if (nearest) this.store.go({ node: nearest.item.node });
  }

  #point(x, y) {
    this.pointer = x == null ? null : [x, y];
    const hit = x == null || !this.scene || this.moving ? null : hitTest(this.scene, x, y);
    this.hover = hit;
    this.base.classList.toggle("nm-point", Boolean(hit) && hit.type !== "frame" && hit.type !== "gap" && hit.box?.item.kind !== "plumbing");
    if (hit) this.tip.show(hit, x, y);
    else this.tip.hide();
    this.#again("overlay");
  }

  #click(x, y, touch) {
    this.base.focus({ preventScroll: true });
    const hit = this.scene && hitTest(this.scene, x, y, touch ? 8 : 0);
    if (!hit) return;
    if (hit.type === "fold") return this.toggle(hit.frame.frame.group.id, false, x);
    if (!hit.box) return;
    const { item } = hit.box;
    if (hit.type === "slab" || (hit.type === "header" && item.kind === "slab")) this.toggle(item.group.id, true);
    else if (hit.type === "thumb") this.#open(hit.box, hit.row);
    else if (["more", "header", "picture"].includes(hit.type)) this.#open(hit.box, -1);
  }

  #double(x, y) {
    const hit = this.scene && hitTest(this.scene, x, y);
    if (hit && hit.type !== "frame" && hit.type !== "gap") return;
    this.camera.fly(this.camera.zoomedAt(x, y, 2), 260);
    this.redraw();
  }

  #open(box, row) {
    const channel = row >= 0 ? box.thumbs[row].channel : null;
    this.store.go({ node: box.item.node, channel });
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.scene) return;
    const { key } = event;
    const box = this.focused && this.scene.boxes.get(this.focused.id);
    const slab = box?.item.kind === "slab" && this.focused.row < 0;
    if (key === "+" || key === "=") this.#zoomBy(1.5);
    else if (key === "-" || key === "−" || key === "_") this.#zoomBy(1 / 1.5);
    else if (key === "0") this.fit();
    else if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(key)) {
      this.focused = moveFocus(this.scene, this.focused, key);
      const now = this.scene.boxes.get(this.focused.id);
      this.camera.reveal({ x: now.left, y: now.top, w: now.right - now.left, h: now.bottom - now.top }, 200);
      this.live.textContent = sentence(this.store, now, this.focused.row);
      this.redraw();
    } else if (box && slab && (key === " " || key === "Enter")) this.toggle(box.item.group.id, true);
    else if (box && key === "Enter") this.#open(box, this.focused.row);
    else if (box && (key === "Backspace" || key === " ")) {
      const frame = this.scene.view.frames.get(box.item.frame);
      if (frame?.parent != null) this.toggle(frame.group.id, false);
    } else return;
    event.preventDefault();
  }

  #toast(text) {
    this.toastBox.textContent = text;
    this.toastBox.classList.add("nm-on");
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => this.toastBox.classList.remove("nm-on"), 1400);
  }

  /** What is on the screen, with its legend, as a PNG. */
  toBlob() {
    return snapshot(this, this.store.overview.model.title);
  }

  destroy() {
    for (const stop of this.stops) stop();
    this.observer.disconnect();
    cancelAnimationFrame(this.request);
    clearTimeout(this.askTimer);
    clearTimeout(this.toastTimer);
    this.root.remove();
  }
}
