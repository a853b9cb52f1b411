// The film of a run: the reader scrubs through the epochs, and everything follows at once, without the server.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";
import { setName } from "../shared/icons.js";
import { Palette } from "../shared/palette.js";
import { photoCanvas } from "../shared/photo.js";
import { Player } from "../shared/player.js";
import { Postponed } from "../shared/postponed.js";
import { words } from "../shared/words.js";
import { Bars } from "./bars.js";
import { drawFilters, drawKernels, drawMaps, drawPhoto } from "./panels.js";
import { nearest, peakOf, said, valuesOf } from "./peaks.js";
import { film as filmOf, whenOneComes } from "./reels.js";
import { INKS, drawCurve, drawMoved } from "./timeline.js";

/** How long the reader rests, in ms, before the page's address follows. */
const REST = 450;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, PageUp: -5, PageDown: 5 };
const PACES = [1, 2, 4, 8];
/** Narrower than this the parts stand below each other. */
const NARROW = 760;
/** The pictures beside everything else. */
const SIDE = 330;

export class View {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {(ask: object) => void} */
    this.send = () => {};
    this.root = root;
    this.text = words({});
    this.frame = null;
    this.film = null;
    this.place = 0;
    /** @type {number|null} the epoch beside */
    this.pin = null;
    this.scale = "all";
    this.paint = "rgb";
    this.pace = 2;
    this.telling = new Postponed(root, () => this.#tell());
    this.saying = new Postponed(root, () => (this.live.textContent = this.#sentence()));
    this.player = new Player((step, done) => this.#go(step, done), 500);
    this.#build();
    this.palette = new Palette(this.body);
    this.again = whenOneComes(() => this.#take());
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
  }

  destroy() {
    this.player.pause();
    this.telling.drop();
    this.saying.drop();
    this.again();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.draw();
  }

  #build() {
    this.body = element("div", "film plain");
    this.body.append(this.player.root);
    this.tools = this.body.appendChild(element("div", "film-tools"));
    this.lines = this.body.appendChild(element("div", "film-lines"));
    this.loss = this.#part(this.lines, "film-loss");
    this.accuracy = this.#part(this.lines, "film-accuracy");
    this.moved = this.#part(this.lines, "film-moved");
    this.stage = this.body.appendChild(element("div", "film-stage"));
    const side = this.stage.appendChild(element("div", "film-side"));
    this.photo = this.#part(side, "film-photo", 2);
    this.answers = this.#part(side, "film-answers", 0);
    this.bars = new Bars(this.answers.row);
    const main = this.stage.appendChild(element("div", "film-main"));
    this.filters = this.#part(main, "film-filters", 2);
    this.lower = main.appendChild(element("div", "film-lower"));
    this.maps = this.#part(this.lower, "film-maps", 2);
    this.kernels = this.#part(this.lower, "film-kernels", 2);
    this.live = this.body.appendChild(element("div", "plain-unseen"));
    this.live.setAttribute("aria-live", "polite");
    this.root.replaceChildren(this.body);
    this.body.addEventListener("keydown", (event) => this.#key(event));
    for (const part of [this.loss, this.accuracy, this.moved]) this.#scrubbed(part.canvases[0]);
    const maps = this.maps.canvases[0];
    maps.addEventListener("pointermove", (event) => this.#readOff(event));
    maps.addEventListener("pointerleave", () => (this.maps.read.textContent = ""));
  }

  /** A titled place with canvases: the second is for the epoch beside. */
  #part(parent, name, count = 1) {
    const box = parent.appendChild(element("section", `film-part ${name}`));
    const head = box.appendChild(element("header"));
    const title = head.appendChild(element("h6"));
    const note = head.appendChild(element("span", "film-note"));
    const read = head.appendChild(element("output", "film-read"));
    const legend = box.appendChild(element("div", "film-legend"));
    const row = box.appendChild(element("div", "film-row"));
    const shots = Array.from({ length: count }, () => {
      const shot = row.appendChild(element("figure"));
      const of = shot.appendChild(element("figcaption"));
      const canvas = shot.appendChild(element("canvas"));
      canvas.setAttribute("role", "img");
      return { shot, of, canvas };
    });
    return { box, title, note, read, legend, row, shots, canvases: shots.map((one) => one.canvas) };
  }

  /** @param {HTMLCanvasElement} canvas a plot over the epochs */
  #scrubbed(canvas) {
    canvas.classList.add("film-scrubbed");
    const follow = (/** @type {PointerEvent} */ event, /** @type {boolean} */ done) => {
      const axes = this.axes?.get(canvas);
      if (!axes) return;
      this.player.pause();
      const at = axes.valueAt(event.clientX - canvas.getBoundingClientRect().left);
      this.#go(nearest(this.film.epochs, at), done);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      follow(event, false);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && follow(event, false));
    canvas.addEventListener("pointerup", (event) => follow(event, true));
  }

  // --- what comes ---------------------------------------------------------------------------------------

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
    this.frame = frame;
    this.#take();
  }

  /** Take the film, if it has come. */
  #take() {
    const { frame } = this;
    const film = frame && filmOf(frame.reel);
    if (!film) return;
    const fresh = frame.subject !== this.subject || (frame.told !== this.told && frame.told !== this.sent);
    const atEnd = this.film && this.place === this.film.epochs.length - 1;
    const before = this.film ? this.film.epochs[this.place] : -1;
    if (film !== this.film) this.picture = photoCanvas(film.photo);
    const known = this.film;
    this.film = film;
    if (this.subject === undefined || (fresh && !this.telling.waits)) {
      this.place = frame.epoch < 0 ? film.epochs.length - 1 : nearest(film.epochs, frame.epoch);
      this.pin = frame.pin < 0 ? null : film.epochs[nearest(film.epochs, frame.pin)];
      Object.assign(this, { scale: frame.scale, paint: frame.paint, pace: frame.pace });
    } else if (known !== film) {
      // Epochs have been added: who looked at the last one looks at the last one.
      this.place = atEnd ? film.epochs.length - 1 : nearest(film.epochs, before);
      if (this.pin !== null) this.pin = film.epochs[nearest(film.epochs, this.pin)];
    }
    this.subject = frame.subject;
    this.told = frame.told;
    this.player.pace = 1000 / this.pace;
    this.#setTools();
    this.draw();
  }

  // --- where the reader is ------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  #key(event) {
    const from = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!this.film || event.altKey || event.ctrlKey || event.metaKey || from.tagName === "SELECT") return;
    const last = this.film.epochs.length - 1;
    const ends = { Home: 0, End: last };
    const button = from.tagName === "BUTTON";
    if (event.key === " " && !button) {
      this.player.buttons.play.click();
    } else if (event.key === "p" || event.key === "P") {
      this.#pin();
    } else if (from.getAttribute("role") !== "radio" && (event.key in STEPS || event.key in ends)) {
      this.player.pause();
      const wanted = event.key in ends ? ends[event.key] : this.place + STEPS[event.key];
      this.#go(Math.max(0, Math.min(last, wanted)), true);
    } else return;
    event.preventDefault();
  }

  /** @param {number} place @param {boolean} done whether the reader rests there */
  #go(place, done) {
    if (!this.film) return;
    if (place !== this.place) {
      this.place = place;
      this.draw();
      this.saying.after(REST);
    }
    if (done) this.telling.after(REST);
  }

  #pin() {
    this.pin = this.pin === null ? this.film.epochs[this.place] : null;
    this.#setTools();
    this.draw();
    this.telling.after(REST);
  }

  #tell() {
    if (!this.film) return;
    const last = this.place === this.film.epochs.length - 1;
    const { scale, paint, pace } = this;
    const epoch = last ? -1 : this.film.epochs[this.place];
    const pin = this.pin ?? -1;
    this.sent = [epoch, pin, scale, paint, pace].join("/"); // as the server will repeat it
    this.send({ epoch, pin, scale, paint, pace, serial: Date.now() });
  }

  // --- tools --------------------------------------------------------------------------------------------

  #setTools() {
    const { text } = this;
    const pin = element("button", "film-pin", this.pin === null ? text("Compare with this epoch") : text("No longer beside epoch {epoch}", { epoch: this.pin }));
    pin.title = text("Keeps this epoch beside the one you scrub to. Key: P");
    pin.setAttribute("aria-pressed", String(this.pin !== null));
    pin.addEventListener("click", () => this.#pin());
    const tools = [pin];
    tools.push(this.#choice(text("Colours"), "scale", [["all", text("fixed over all epochs")], ["own", text("each epoch by itself")]]));
    if (this.film.first.size[1] === 3) tools.push(this.#choice(text("Filters"), "paint", [["rgb", text("true colours")], ["signed", text("red, green, blue apart")]]));
    const pace = element("label", "film-pace");
    const select = element("select");
    for (const one of PACES) select.append(Object.assign(element("option", "", text("{count} epochs a second", { count: one })), { value: String(one), selected: one === this.pace }));
    select.addEventListener("change", () => {
      this.pace = Number(select.value);
      this.player.setPace(1000 / this.pace);
      this.telling.after(REST);
    });
    setName(select, text("Speed"));
    pace.append(select);
    tools.push(pace);
    const at = [...this.tools.children].findIndex((one) => one.contains(/** @type {any} */ (this.tools.getRootNode()).activeElement));
    this.tools.replaceChildren(...tools);
    const held = this.tools.children[at];
    if (held) (held.querySelector("[aria-checked='true'], select") ?? held).focus();
  }

  /** A row of choices. @param {string} title @param {"scale"|"paint"} name @param {[string, string][]} options */
  #choice(title, name, options) {
    const group = element("div", "film-choice");
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", title);
    group.append(element("span", "", title));
    const take = (/** @type {string} */ value) => {
      this[name] = value;
      this.#setTools();
      this.draw();
      this.telling.after(REST);
    };
    options.forEach(([value, label], i) => {
      const button = element("button", "", label);
      button.dataset.value = value;
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(this[name] === value));
      button.tabIndex = this[name] === value ? 0 : -1;
      button.addEventListener("click", () => take(value));
      button.addEventListener("keydown", (event) => {
        if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        take(options[(i + 1) % options.length][0]);
        /** @type {HTMLElement|null} */ (this.tools.querySelector(`[aria-label="${title}"] [aria-checked='true']`))?.focus();
      });
      group.append(button);
    });
    return group;
  }

  // --- drawing ------------------------------------------------------------------------------------------

  draw() {
    const { film, text } = this;
    if (!film || !this.root.clientWidth) return;
    const epoch = film.epochs[this.place];
    const last = film.epochs.at(-1);
    this.player.show(this.place, film.epochs.length - 1, {
      first: text("To the first epoch"),
      back: text("One epoch back"),
      play: text("Play"),
      pause: text("Pause"),
      on: text("One epoch on"),
      slider: text("Epoch"),
      place: text("Epoch {epoch} of {last}", { epoch, last }),
    });
    this.#lines(epoch);
    this.#stage(epoch);
  }

  #lines(epoch) {
    const { film, text } = this;
    const { theme } = this.palette;
    const wide = this.root.clientWidth;
    const columns = wide < NARROW ? 1 : 3;
    const width = Math.floor((wide - 28 * (columns - 1)) / columns);
    this.lines.classList.toggle("film-narrow", columns === 1);
    const at = { epoch, pin: this.pin, place: this.place };
    this.axes = new Map();
    for (const [part, name, title] of [[this.loss, "loss", text("Loss")], [this.accuracy, "accuracy", text("Accuracy")]]) {
      part.title.textContent = title;
      const found = ["train", "validation"].map((split) => [split, said(film.curve, `${split}_${name}`, epoch)]);
      const written = (value) => (Number.isFinite(value) ? (name === "loss" ? format(value, 3) : `${(100 * value).toFixed(1)} %`) : "–");
      const named = { train: text("training"), validation: text("validation") };
      part.note.replaceChildren(
        ...found.map(([split, value]) => {
          const one = element("span", "film-key", `${named[split]} ${written(value)}`);
          one.style.setProperty("--ink", INKS[split]);
          return one;
        }),
      );
      const canvas = part.canvases[0];
      this.axes.set(canvas, drawCurve(canvas, width, film, name, at, theme));
      canvas.setAttribute("aria-label", `${title}. ${part.note.textContent}`);
    }
    const { title, note, canvases } = this.moved;
    title.textContent = text("How far the weights have moved");
    title.title = text("Norm of the difference from the first epoch of the film, as a share of the norm then; a row for each stage.");
    note.textContent = "";
    this.axes.set(canvases[0], drawMoved(canvases[0], width, film, at, this.palette));
    const rows = film.moved.stages.map((name, i) => `${name} ${format(film.moved.values[this.place * film.moved.stages.length + i], 2)}`);
    canvases[0].setAttribute("aria-label", `${title.textContent}: ${rows.join(", ")}`);
  }

  #stage(epoch) {
    const { film, frame, text, palette } = this;
    const wide = this.root.clientWidth;
    const narrow = wide < NARROW;
    this.stage.classList.toggle("film-narrow", narrow);
    const beside = this.pin === null ? -1 : film.epochs.indexOf(this.pin);
    const look = { palette, own: this.scale === "own", paint: this.paint };
    const side = narrow ? wide : SIDE;
    const main = narrow ? wide : wide - SIDE - 34;
    const half = Math.floor((side - 10) / 2);
    const { first, maps, kernels, heat } = film;

    this.photo.title.textContent = text("{method} for {name}", { method: heat.method, name: this.#class(heat.class) });
    const empty = !heat.scale[this.place];
    this.photo.note.textContent = empty
      ? text("{name} · empty: nothing there speaks for the class", { name: maps.name })
      : text("{name} · here at most {value}", { name: maps.name, value: format(heat.scale[this.place], 2) });
    // Two epochs with colours of their own have no number in common.
    const apart = look.own && beside >= 0;
    const heatPeak = format(peakOf(heat, film.epochs.length, this.place, 0, look.own), 2);
    this.#legend(this.photo, "magnitude", ["0", apart ? "+" : heatPeak]);
    this.#shots(this.photo, beside, epoch, half, (canvas, at, other) => drawPhoto(canvas, film, at, { ...look, width: half }, this.picture, other && beside < 0), text("What the network sees"));

    this.answers.title.textContent = text("Answer");
    this.answers.note.textContent = film.answers.of > film.answers.classes.length ? text("{shown} of {count} classes", { shown: film.answers.classes.length, count: film.answers.of }) : "";
    this.bars.show(film, this.place, beside, (index) => this.#class(index), text);

    const room = beside < 0 ? main : Math.floor((main - 22) / 2);
    // Maps and kernels stand side by side where there is room for both.
    const pair = Boolean(kernels) && beside < 0 && main > 780;
    this.lower.classList.toggle("film-pair", pair);
    const kernelRoom = pair ? 300 : room;
    const mapRoom = pair ? main - 300 - 28 : room;
    const each = text("each up to its own largest value");
    this.filters.title.textContent = text("Filters of the first convolution");
    this.filters.note.textContent = this.#of(first.name, first.size[0], first.of, first.size.slice(2));
    if (this.paint === "rgb" && first.size[1] === 3) this.#legend(this.filters, "", [], each);
    else this.#legend(this.filters, "weights", ["−", "+"], each);
    this.#shots(this.filters, beside, epoch, room, (canvas, at) => drawFilters(canvas, film, at, { ...look, width: room }));
    this.maps.title.textContent = text("Feature maps");
    this.maps.note.textContent = this.#of(maps.name, maps.size[0], maps.of, maps.size.slice(1));
    this.#legend(this.maps, "signed", ["−", "+"], each);
    this.#shots(this.maps, beside, epoch, mapRoom, (canvas, at, other) => {
      const grid = drawMaps(canvas, film, at, { ...look, width: mapRoom });
      if (!other) this.mapsGrid = grid;
    });
    this.kernels.box.hidden = !kernels;
    if (kernels) {
      this.kernels.title.textContent = text("Kernels of the layer");
      const [rows, columns, height, width] = kernels.size;
      const all = { outputs: kernels.of[0], inputs: kernels.of[1], rows, columns, size: `${height}×${width}`, name: kernels.name };
      this.kernels.note.textContent =
        rows < kernels.of[0] || columns < kernels.of[1]
          ? text("{name} · {rows} of {outputs} outputs down, {columns} of {inputs} inputs across · {size}", all)
          : text("{name} · {outputs} outputs down, {inputs} inputs across · {size}", all);
      const peak = format(peakOf(kernels, film.epochs.length, this.place, 0, look.own), 2);
      this.#legend(this.kernels, "weights", apart ? ["−", "+"] : [`−${peak}`, peak]);
      this.#shots(this.kernels, beside, epoch, kernelRoom, (canvas, at) => drawKernels(canvas, film, at, { ...look, width: kernelRoom }));
    }
    this.root.dataset.epoch = String(epoch);
    this.root.dataset.frame = frame.reel;
  }

  /** Draw a part for the epoch, and beside it for the one that is pinned. */
  #shots({ shots, title }, beside, epoch, width, paint, alone = "") {
    const { text } = this;
    const now = text("Epoch {epoch}", { epoch });
    const then = text("Epoch {epoch}, kept", { epoch: this.pin ?? 0 });
    const [main, other] = [shots[0], shots[1]];
    // The epoch that is kept stands on the left; the photo without it stands there, too.
    other.shot.style.order = "-1";
    other.shot.hidden = beside < 0 && !alone;
    main.of.textContent = beside < 0 && !alone ? "" : now;
    other.of.textContent = beside < 0 ? alone : then;
    paint(main.canvas, this.place, false);
    if (!other.shot.hidden) paint(other.canvas, beside < 0 ? this.place : beside, true);
    main.canvas.setAttribute("aria-label", `${title.textContent}. ${now}`);
    other.canvas.setAttribute("aria-label", `${title.textContent}. ${other.of.textContent}`);
    for (const one of shots) one.shot.style.width = `${width}px`;
  }

  /** Which colour is which value: a bar between two ends. @param {any} part @param {string} table @param {string[]} ends @param {string} [note] */
  #legend({ legend }, table, ends, note = "") {
    if (!table) return legend.replaceChildren(element("span", "", note));
    const colours = Array.from({ length: 9 }, (_, i) => this.palette.table(/** @type {any} */ (table))[1 + Math.round((254 * i) / 8)]);
    const bar = element("i");
    bar.style.background = `linear-gradient(90deg, ${colours.map((c) => `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`).join()})`;
    legend.replaceChildren(element("span", "", ends[0]), bar, element("span", "", ends[1]));
    if (note) legend.append(element("span", "film-each", note));
  }

  #of(name, shown, of, size) {
    const values = { name, shown, count: of, size: size.join("×") };
    const { text } = this;
    return shown < of ? text("{name} · {shown} of {count} · {size}", values) : `${name} · ${of} · ${values.size}`;
  }

  #class(index) {
    return this.frame.classes[index] ?? String(index);
  }

  /** The range of the map under the pointer. @param {PointerEvent} event */
  #readOff(event) {
    const { film, mapsGrid: grid } = this;
    if (!grid) return;
    const box = this.maps.canvases[0].getBoundingClientRect();
    const i = Math.floor((event.clientX - box.left) / grid.size) + grid.across * Math.floor((event.clientY - box.top) / grid.size);
    if (i < 0 || i >= grid.count || event.clientX - box.left >= grid.across * grid.size) return void (this.maps.read.textContent = "");
    const values = valuesOf(film.maps, film.epochs.length, this.place, i);
    const span = { channel: film.maps.channels[i], low: format(Math.min(...values), 3), high: format(Math.max(...values), 3) };
    const { text } = this;
    this.maps.read.textContent = text("channel {channel}: {low} to {high}", span);
  }

  /** What is to be seen, in words. */
  #sentence() {
    const { film, text } = this;
    const { classes, values } = film.answers;
    const own = values.subarray(this.place * classes.length, (this.place + 1) * classes.length);
    const best = own.indexOf(Math.max(...own));
    const loss = said(film.curve, "validation_loss", film.epochs[this.place]);
    const told = { epoch: film.epochs[this.place], name: this.#class(classes[best]), percent: (100 * own[best]).toFixed(0), loss: Number.isFinite(loss) ? format(loss, 3) : "–" };
    return text("Epoch {epoch}: {name} {percent} %, validation loss {loss}", told);
  }
}
