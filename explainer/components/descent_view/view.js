// The whole of the part: surfaces, map, optimisers, player, curve, the step written out.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { Palette } from "../shared/palette.js";
import { Player } from "../shared/player.js";
import { words } from "../shared/words.js";
import { stepLines, writeStep } from "./arithmetic.js";
import { Controls, titles } from "./controls.js";
import { Curve } from "./curve.js";
import { LinePlot } from "./line_plot.js";
import { SurfaceMap } from "./map.js";
import { walk } from "./optimisers.js";
import { settingsBar } from "./settings.js";
import { stability } from "./stability.js";
import { surfaceOf } from "./surface.js";

export class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.ask = () => {};
    this.serial = 0;
    this.relief = false;
    /** Whether the reader is scrubbing or it plays: an answer does not move the step then. */
    this.moving = false;
    this.text = words({});
    this.bar = settingsBar({
      surface: (key) => this.#send({ surface: key }),
      formula: (f) => this.#send({ surface: "own", f }),
      change: (values, done) => this.#change(values, done),
      relief: (on) => {
        this.relief = on;
        this.map.forget();
        this.draw();
      },
      reset: () => this.#send({ surface: this.content.surface.key, f: this.content.surface.key === "own" ? this.content.surface.formula : "" }),
    });
    this.map = new SurfaceMap(this.palette, {
      move: (start, done) => this.#change({ start }, done),
      hover: (point) => this.#hover(point),
    });
    this.readout = element("p", "dv-readout");
    this.controls = new Controls({
      select: (selected) => this.#change({ selected }, true),
      change: (runs, selected, done) => this.#change({ runs, selected }, done),
    });
    this.player = new Player((step, done) => this.#change({ step }, done));
    this.curve = new Curve(this.palette, (step, done) => {
      this.player.pause();
      this.#change({ step }, done);
    });
    this.linePlot = new LinePlot(this.palette);
    this.caption = element("h4", "dv-caption");
    this.sum = element("div", "dv-sum");
    this.live = element("p", "plain-unseen");
    this.live.setAttribute("aria-live", "polite");
    const left = element("div", "dv-left");
    left.append(this.map.root, this.map.bar, this.readout);
    const right = element("div", "dv-right");
    right.append(this.controls.root, this.curve.root, this.linePlot.root);
    const main = element("div", "dv-main");
    main.append(left, right);
    [this.left, this.right] = [left, right];
    host.replaceChildren(this.bar.surfaces, this.bar.root, main, this.player.root, this.caption, this.sum, this.live);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(host);
  }

  destroy() {
    this.player.pause();
    this.observer.disconnect();
  }

  themeChanged() {
    this.palette.refresh();
    this.host.toggleAttribute("data-dark", this.palette.theme.dark);
    this.map.forget();
    this.draw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    // An answer to what has been changed meanwhile: the newer one is on its way.
    if (content.serial < this.serial) return;
    this.serial = content.serial;
    this.text = words(content.texts);
    const about = JSON.stringify([content.surface.key, content.surface.formula]);
    const other = about !== this.about;
    this.content = content;
    const step = this.moving && !other ? Math.min(this.settings.step, content.settings.steps) : content.settings.step;
    if (other) this.player.pause();
    this.settings = { ...content.settings, step };
    this.batches = content.order ? { size: content.settings.batch, order: content.order } : null;
    this.paths = content.paths;
    this.exact = true;
    if (other) {
      this.about = about;
      this.surface = surfaceOf(content.surface);
      this.map.take(this.surface, content.surface);
    }
    this.draw();
  }

  /** Take over what the reader has changed: shown at once, asked of PyTorch when the finger is lifted. */
  #change(values, done) {
    if (!this.content) return;
    const before = this.settings;
    this.moving = !done && "step" in values;
    this.settings = { ...before, ...values };
    // Who looks at the end of the walk goes on doing so.
    if (values.steps && before.step === before.steps) this.settings.step = values.steps;
    this.settings.step = Math.min(this.settings.step, this.settings.steps);
    const walked = ["start", "runs", "steps", "batch", "shuffle"].some((name) => name in values);
    if (walked) {
      this.serial += 1;
      this.exact = false;
      // Other mini-batches are drawn by PyTorch's generator: until they are here, the old paths stay.
      const known = this.settings.batch === before.batch && this.settings.shuffle === before.shuffle;
      if (known) {
        const batches = this.batches && this.batches.order.length >= this.batches.size * this.settings.steps ? this.batches : null;
        if (batches || !this.batches) this.paths = this.settings.runs.map((run) => walk(this.surface, this.settings.start, run, this.settings.steps, batches));
      }
    }
    this.draw();
    if (done) this.#send(this.#link());
  }

  /** The settings as the page's link has them. */
  #link() {
    const { start, runs, steps, batch, shuffle, selected, step } = this.settings;
    const { key, formula } = this.content.surface;
    const own = {
      sgd: () => [],
      momentum: (run) => [run.momentum],
      nesterov: (run) => [run.momentum],
      rmsprop: (run) => [run.beta2],
      adam: (run) => [run.beta1, run.beta2],
    };
    return {
      surface: key,
      f: key === "own" ? formula : "",
      start: start.join(","),
      runs: runs.map((run) => [run.kind, run.rate, ...own[run.kind](run)].join(":")).join(","),
      steps: String(steps),
      batch: String(batch),
      shuffle: String(shuffle),
      run: String(selected),
      step: String(step),
    };
  }

  #send(link) {
    this.serial += 1;
    this.ask({ serial: this.serial, link });
  }

  #names() {
    return this.content.surface.data ? ["w", "b"] : ["x", "y"];
  }

  #hover(point) {
    if (!this.content) return;
    this.hovered = point;
    const { text } = this;
    const [x, y] = point ?? this.settings.start;
    const [a, b] = this.#names();
    const [gx, gy] = this.surface.gradient(x, y);
    const where = point ? text("At the pointer") : text("Start");
    const said = { where, a, b, x: brief(x, 4), y: brief(y, 4), loss: brief(this.surface.value(x, y), 5), gx: brief(gx, 4), gy: brief(gy, 4) };
    this.readout.textContent = text("{where}: {a} = {x}, {b} = {y}, loss {loss}, gradient ({gx}, {gy})", said);
  }

  draw() {
    if (!this.content) return;
    const { text, content, settings, paths } = this;
    const { runs, selected, step, steps } = settings;
    const colours = content.colours;
    const width = this.host.clientWidth;
    const run = runs[selected];
    const path = paths[selected];
    const names = this.#names();
    this.bar.show({ content, settings, relief: this.relief, text });
    const drawn = paths.map((one, i) => ({ path: one, colour: colours[i] }));
    const room = this.left.clientWidth || width;
    this.map.draw(room, { start: settings.start, paths: drawn, selected, step, relief: this.relief, names });
    const loss = (one) => one.losses[Math.min(step, one.losses.length - 1)];
    const ends = paths.map((one) => (one.diverged && step >= one.losses.length - 1 ? text("diverged") : text("loss {loss}", { loss: brief(loss(one), 3) })));
    const here = path ? Math.min(step, path.losses.length - 1) : 0;
    const eigenvalues = path?.curvature ? path.curvature.slice(2 * here, 2 * here + 2) : this.eigenvalues;
    this.eigenvalues = eigenvalues;
    const said = stability(run, eigenvalues, Boolean(path?.diverged), (path?.losses.length ?? 1) - 1, text);
    this.controls.show({ runs, selected, colours, ends, presets: content.presets, limit: said.limit, text });
    this.controls.note.textContent = said.sentence;
    this.controls.note.classList.toggle("dv-warning", said.warning);
    this.player.show(step, steps, {
      first: text("To the start"),
      back: text("One step back"),
      play: text("Play"),
      pause: text("Pause"),
      on: text("One step on"),
      slider: text("Step"),
      place: text("Step {step} of {last}", { step, last: steps }),
    });
    const lowest = content.surface.lowest;
    const title = lowest === null ? text("loss over steps") : text("loss above its minimum {lowest}, over steps", { lowest: brief(lowest, 3) });
    const wide = this.right.clientWidth || width;
    this.curve.draw(wide, { paths: drawn, selected, step, steps, lowest, title });
    const summary = runs.map((one, i) => `${titles(text)[one.kind]}: ${ends[i]}`).join(", ");
    this.curve.canvas.setAttribute("aria-label", `${title}. ${text("Step {step} of {last}", { step, last: steps })}: ${summary}`);
    this.map.canvas.setAttribute("aria-label", text("The surface from above with the paths: {summary}", { summary }));
    this.map.handle.setAttribute("aria-label", text("Start at {x}, {y}; the arrow keys move it", { x: settings.start[0], y: settings.start[1] }));
    this.map.bar.setAttribute("aria-label", text("Colours of the loss"));
    this.linePlot.root.hidden = !content.surface.data;
    if (content.surface.data) this.#drawLine(wide, drawn, here);
    this.#hover(this.hovered ?? null);
    this.#write(run, path, here, names);
  }

  #drawLine(width, drawn, here) {
    const { settings, batches, content, text } = this;
    const at = (path, i) => path.points[2 * Math.min(settings.step, path.losses.length - 1) + i];
    const lines = drawn.map(({ path, colour }, i) => ({ slope: at(path, 0), intercept: at(path, 1), colour, strong: i === settings.selected }));
    const batch = batches && here > 0 ? batches.order.slice((here - 1) * batches.size, here * batches.size) : null;
    const title = batch ? text("y = w x + b; strong points: the mini-batch of this step") : text("y = w x + b through the points");
    this.linePlot.draw(width, { data: content.surface.data, batch, lines, title });
    this.linePlot.canvas.setAttribute("aria-label", title);
  }

  #write(run, path, here, names) {
    const { text } = this;
    const name = titles(text)[run.kind];
    if (!path || here < 1) {
      this.caption.textContent = text("{name}: go on to the first step to see it computed.", { name });
      this.sum.replaceChildren();
      return;
    }
    const by = this.exact ? text("computed by torch.optim") : text("preview");
    this.caption.textContent = text("Step {step} of {name}, {by}", { step: here, name, by });
    writeStep(this.sum, stepLines(run, path, here, text, names), names);
    this.live.textContent = this.player.timer ? "" : this.caption.textContent;
  }
}
