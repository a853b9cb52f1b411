// A perceptron while it learns: start, pause, step, look back; its surfaces and its curves.

import { element } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Palette } from "../shared/palette.js";
import { words } from "../shared/words.js";
import { Bar } from "./bar.js";
import { Clock } from "./clock.js";
import { drawCurves, stageAt } from "./curves.js";
import { DigitStage } from "./digit_stage.js";
import { PlaneStage } from "./plane_stage.js";

const HELD = "#d9772b";
/** Milliseconds in which the stages of one answer are played. */
const PLAYED_IN = 220;

class View {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.palette = new Palette(host);
    this.clock = new Clock();
    this.bar = new Bar(host.appendChild(element("div", "lv-bar")), this.clock, () => this.#now());
    this.place = host.appendChild(element("div", "lv-stage"));
    this.#curves(host);
    /** The stage shown; null: always the newest. */
    this.back = null;
    this.shown = 0;
    this.frame = 0;
    this.sendHidden = () => {};
    this.sendPoints = () => {};
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(host);
  }

  #curves(host) {
    const root = host.appendChild(element("div", "lv-curves"));
    this.charts = ["loss", "accuracy"].map((kind) => {
      const figure = root.appendChild(element("figure"));
      const canvas = figure.appendChild(element("canvas"));
      canvas.setAttribute("role", "img");
      const look = (event) => {
        if (!this.content || !(event.buttons & 1)) return;
        const box = canvas.getBoundingClientRect();
        this.#lookBack(stageAt(this.content.stages, event.clientX - box.left, box.width));
      };
      canvas.addEventListener("pointerdown", look);
      canvas.addEventListener("pointermove", look);
      return { kind, figure, canvas };
    });
    this.key = host.appendChild(element("p", "lv-key"));
    this.scrub = host.appendChild(element("label", "lv-scrub"));
    this.scrubLabel = element("span");
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.addEventListener("input", () => this.#lookBack(Number(this.slider.value)));
    this.scrub.append(this.scrubLabel, this.slider);
  }

  #lookBack(stage) {
    if (this.clock.playing) this.clock.stop();
    cancelAnimationFrame(this.frame);
    const last = this.content.stages.steps.length - 1;
    this.back = stage >= last ? null : stage;
    this.shown = Math.max(0, Math.min(last, stage));
    this.redraw();
  }

  /** Whoever trains on looks at the newest stage. */
  #now() {
    this.back = null;
    if (this.content) this.shown = this.content.stages.steps.length - 1;
    this.redraw();
  }

  destroy() {
    this.observer.disconnect();
    this.clock.end();
    if (this.stage instanceof PlaneStage) this.stage.painter.telling.drop();
    cancelAnimationFrame(this.frame);
  }

  themeChanged() {
    this.palette.refresh();
    this.redraw();
  }

  /** @param {any} content a decoded frame */
  receive(content) {
    const before = this.content;
    this.content = content;
    const text = words(content.texts);
    this.text = text;
    if (!this.stage || before?.kind !== content.kind) {
      this.stage =
        content.kind === "digits"
          ? new DigitStage(this.place, this.palette)
          : new PlaneStage(this.place, this.palette, () => this.redraw());
      if (this.stage instanceof PlaneStage) {
        this.stage.heads.change = (hidden) => this.sendHidden(hidden);
        this.stage.painter.send = (points, serial) => this.sendPoints(points, serial);
      }
    }
    const steps = content.stages.steps;
    const last = steps.length - 1;
    if (before?.run !== content.run) {
      this.back = null;
      this.clock.until = content.until;
      this.clock.step = content.step;
      if (content.until > content.step) this.clock.play();
      else if (this.clock.playing && before) this.clock.more();
    }
    this.stage.receive(content, text);
    this.clock.answered(content.seen, content.step, content.longest);
    if (this.back !== null) this.back = Math.min(this.back, last);
    const shownStep = before && before.run === content.run ? before.stages.steps[this.shown] : steps[last];
    this.#play(shownStep);
  }

  /** Show the stages that are new one after the other, so that the surface moves and does not jump. */
  #play(from) {
    const { steps } = this.content.stages;
    const last = steps.length - 1;
    if (this.back !== null) return this.redraw();
    let first = last;
    while (first > 0 && steps[first - 1] > from) first--;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || first >= last;
    const begun = performance.now();
    cancelAnimationFrame(this.frame);
    const tick = (now) => {
      const part = still ? 1 : Math.min(1, (now - begun) / PLAYED_IN);
      this.shown = Math.round(first + (last - first) * part);
      this.draw();
      if (part < 1) this.frame = requestAnimationFrame(tick);
    };
    tick(begun);
  }

  redraw() {
    if (this.back !== null) this.shown = this.back;
    if (!this.content || this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.draw();
    });
  }

  draw() {
    const { content, text } = this;
    if (!content || !this.host.clientWidth) return;
    const { stages } = content;
    const last = stages.steps.length - 1;
    const at = (this.shown = Math.max(0, Math.min(last, this.shown)));
    const step = stages.steps[at];
    this.host.dataset.step = String(content.step);
    this.host.dataset.playing = String(this.clock.playing);
    this.bar.show(text, step, this.back !== null);
    this.stage.draw(at);
    const titles = { loss: text("Loss (cross entropy)"), accuracy: text("Right answers") };
    for (const { kind, figure, canvas } of this.charts) {
      drawCurves(canvas, figure.clientWidth, this.palette.theme, stages, { kind, title: titles[kind], at, colour: HELD });
    }
    const numbers = (loss, accuracy) => `${loss.toFixed(3)}, ${(100 * accuracy).toFixed(1)} %`;
    const learnt = text("training: {numbers}", { numbers: numbers(stages.loss[at], stages.accuracy[at]) });
    const held = stages.heldLoss ? text("held out: {numbers}", { numbers: numbers(stages.heldLoss[at], stages.heldAccuracy[at]) }) : "";
    const keyed = [element("i", "lv-line"), learnt];
    if (held) keyed.push(element("i", "lv-line lv-dashed"), held);
    this.key.replaceChildren(...keyed);
    for (const { canvas, kind } of this.charts) canvas.setAttribute("aria-label", `${titles[kind]}: ${learnt} ${held}`);
    this.scrubLabel.textContent = text("Look back");
    this.slider.max = String(last);
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", text("step {step}", { step }));
  }
}

export default mount(".learner-view", View, (view, { setTriggerValue }) => {
  view.clock.send = (request) => setTriggerValue("wish", request);
  view.sendHidden = (hidden) => setTriggerValue("hidden", hidden);
  view.sendPoints = (points, serial) => setTriggerValue("points", { points, serial });
});
