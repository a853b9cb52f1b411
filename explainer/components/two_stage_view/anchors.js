// Steps 3 and 4: the anchors of a place, and what the proposal network says of each of them.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { anchorAt, centred, decoded } from "./boxes.js";
import { Maps } from "./maps.js";
import { barRow, button, equations, legend, movedBy, note, percent, section } from "./written.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export class AnchorsPanel {
  /** @param {any} view @param {boolean} scored whether the proposal network has been there */
  constructor(view, scored) {
    this.view = view;
    this.scored = scored;
    this.dims = true;
    this.root = element("div", "two-panel");
    this.maps = new Maps(scored ? "heat" : "map", {
      hover: (place) => view.hover(place && { place }),
      choose: (place, aloud) => this.#choose(place, aloud),
      start: (level) => this.#start(level),
    });
  }

  /** @param {number} level */
  #start(level) {
    const { state, frame } = this.view;
    const [chosen, row, column] = state.spot;
    if (chosen === level) return { level, row, column };
    const { height, width } = frame.levels[level];
    return { level, row: height >> 1, column: width >> 1 };
  }

  #choose({ level, row, column }, aloud) {
    const { state, frame } = this.view;
    const which = Math.min(state.spot[3], frame.levels[level].each - 1);
    this.view.set({ spot: [level, row, column, which] }, aloud);
  }

  /** The place nearest to a point of the photo, on the chosen level. */
  #under({ x, y }) {
    const number = this.view.state.spot[0];
    const level = this.view.frame.levels[number];
    const inside = (v, n) => Math.max(0, Math.min(n - 1, Math.round(v)));
    return { level: number, row: inside(y / level.stride[0], level.height), column: inside(x / level.stride[1], level.width) };
  }

  click(point) {
    this.#choose(this.#under(point), false);
  }

  key(event) {
    const step = STEPS[event.key];
    if (!step) return false;
    const [level, row, column] = this.view.state.spot;
    const { height, width } = this.view.frame.levels[level];
    const inside = (v, n) => Math.max(0, Math.min(n - 1, v));
    const many = event.shiftKey ? 5 : 1;
    this.#choose({ level, row: inside(row + many * step[0], height), column: inside(column + many * step[1], width) }, true);
    return true;
  }

  /** Where the anchors are shown: under the pointer, else at the chosen place. */
  #place() {
    const { hovered, state } = this.view;
    if (hovered?.place) return hovered.place;
    if (hovered?.point && !this.scored) return this.#under(hovered.point);
    const [level, row, column] = state.spot;
    return { level, row, column };
  }

  point() {
    const { level, row, column } = this.#place();
    const { stride } = this.view.frame.levels[level];
    return { x: column * stride[1], y: row * stride[0] };
  }

  marks() {
    const { frame, state } = this.view;
    const place = this.#place();
    const level = frame.levels[place.level];
    const [chosenLevel, row, column, which] = state.spot;
    const here = place.level === chosenLevel && place.row === row && place.column === column;
    const marks = [];
    for (let i = 0; i < level.each; i++) {
      const on = here && i === which;
      marks.push({ box: anchorAt(level, place.row, place.column, i), role: "anchor", dash: true, width: on ? 2.5 : 1.25, alpha: this.scored && here && !on ? 0.35 : 1 });
    }
    const spot = this.view.spot();
    if (this.scored && here && spot) {
      const moved = [...spot.decoded.slice(4 * which, 4 * which + 4)];
      marks.push({ box: moved, role: "proposal", width: 2.5, label: percent(spot.scores[which]) });
    }
    return marks;
  }

  saying() {
    const { text, frame } = this.view;
    const { level, row, column } = this.#place();
    const found = frame.levels[level];
    const values = { name: found.name, row, column, x: column * found.stride[1], y: row * found.stride[0] };
    if (!this.scored) return text("Level {name}, row {row}, column {column}: its anchors stand around x = {x}, y = {y}.", values);
    const most = percent(found.heat[row * found.width + column]);
    return text("Level {name}, row {row}, column {column}: the best of its anchors is an object by {most}.", { ...values, most });
  }

  draw() {
    const { text } = this.view;
    if (this.scored) this.root.replaceChildren(this.#heat(), this.#scores(), this.#moved());
    else this.root.replaceChildren(section(text("Choose a place"), this.maps.root, note(text("Click on a map or on the photo; arrow keys move."))), this.#shapes(), this.#count());
  }

  paint() {
    const { state, hovered } = this.view;
    const [level, row, column] = state.spot;
    this.maps.draw(this.view, { chosen: { level, row, column }, hovered: hovered?.place ?? null });
  }

  #shapes() {
    const { text, state, frame } = this.view;
    const [number, row, column, which] = state.spot;
    const level = frame.levels[number];
    const list = element("div", "two-shapes");
    for (let i = 0; i < level.each; i++) {
      const { w, h } = centred(anchorAt(level, row, column, i));
      const one = button("", () => this.view.set({ spot: [number, row, column, i] }), `anchor-${i}`);
      one.className = "two-shape";
      one.setAttribute("aria-pressed", String(i === which));
      const icon = element("i");
      const scale = 30 / Math.max(...[...Array(level.each).keys()].map((k) => Math.max(...Object.values(centred(anchorAt(level, 0, 0, k))).slice(2))));
      icon.style.width = `${Math.max(3, w * scale)}px`;
      icon.style.height = `${Math.max(3, h * scale)}px`;
      const place = element("span", "two-shape-icon");
      place.append(icon);
      one.append(place, element("span", "", `${Math.round(w)} × ${Math.round(h)}`), element("span", "two-quiet", `h / w ${brief(h / w, 2)}`));
      list.append(one);
    }
    return section(text("{count} anchors at every place of this level", { count: level.each }), list);
  }

  #count() {
    const { text, frame } = this.view;
    const lines = frame.levels.map((level) => [text("Level {name}", { name: level.name }), `${level.height} · ${level.width} · ${level.each} = ${level.count}`]);
    lines.push([text("In all"), String(frame.counts.anchors)]);
    return section(text("How many?"), equations(/** @type {[string, string][]} */ (lines)), note(text("Rows times columns times shapes. Anchors are fixed: they are the same for every photo. The network only says which of them to keep and how to move them.")));
  }

  #heat() {
    const { text } = this.view;
    return section(text("Where is something?"), this.maps.root, note(text("Objectness of the surest anchor at each place, 0 to 1: something is here, whatever it is.")));
  }

  #scores() {
    const { text, state, frame } = this.view;
    const spot = this.view.spot();
    const [number, row, column, which] = state.spot;
    const level = frame.levels[number];
    const list = element("div", "two-bars");
    for (let i = 0; i < level.each; i++) {
      const { w, h } = centred(anchorAt(level, row, column, i));
      const value = spot ? spot.scores[i] : 0;
      const shown = spot ? percent(value) : "…";
      list.append(barRow({ name: `${Math.round(w)} × ${Math.round(h)}`, value, shown, on: i === which, key: `anchor-${i}`, choose: () => this.view.set({ spot: [number, row, column, i] }) }));
    }
    const parts = [list];
    if (spot) parts.push(note(text("Sigmoid of {logit} = {score}", { logit: brief(spot.logits[which]), score: brief(spot.scores[which]) })), this.#fate(spot.fates[which]));
    return section(text("The anchors of row {row}, column {column}", { row, column }), ...parts);
  }

  #fate([code, rank]) {
    const { text } = this.view;
    const root = element("p", "two-fate");
    const to = () => this.view.follow(rank, { step: "proposals", kind: "apart" });
    if (code === 3) root.append(text("It becomes proposal {rank}.", { rank: rank + 1 }), " ", button(text("Show"), to, "fate"));
    else if (code === 1 && rank >= 0) root.append(text("It is suppressed by proposal {rank}, which overlaps it.", { rank: rank + 1 }), " ", button(text("Show"), to, "fate"));
    else if (code === 1) root.append(text("It is suppressed by a surer one that overlaps it."));
    else if (code === 2) root.append(text("It is left after the suppression, but too many others are surer."));
    else root.append(text("It is not among the surest of its level, and goes no further."));
    return root;
  }

  #moved() {
    const { text, state, frame } = this.view;
    const spot = this.view.spot();
    const which = state.spot[3];
    if (!spot) return section(text("Moved and stretched"), note("…"));
    const deltas = spot.deltas.slice(4 * which, 4 * which + 4);
    const found = decoded(this.view.anchor(), deltas, frame.weights.rpn);
    return section(
      text("Moved and stretched"),
      legend([["anchor", text("Anchor"), true], ["proposal", text("What the network makes of it")]]),
      movedBy(found, frame.weights.rpn, deltas),
      note(text("dx, dy, dw, dh are the four numbers that the network gives for this anchor. Shifts are shares of the anchor's size, stretches are logarithms (Ren et al., 2015, section 3.1.2).")),
    );
  }
}
