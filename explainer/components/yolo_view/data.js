// What the server has sent of one photo, and what it is still to be asked for.

import { cellOf, iou, ranked, sigmoid } from "./maths.js";

/** Boxes of other cells that overlap a final box so far are about the same object. */
const SAME = 0.5;

export class Data {
  /** @param {any} frame a decoded one */
  constructor(frame) {
    Object.assign(this, frame);
    /** @type {Map<number, Float32Array>} logits of classes by cell */
    this.rows = new Map();
    /** @type {Map<number, Float32Array>} scores by class */
    this.planes = new Map();
    this.count = this.scores.length;
    this.order = ranked(this.scores);
    this.take(frame);
  }

  /** Take in what was asked for, and what depends on thresholds. @param {any} frame */
  take(frame) {
    for (const name of ["score", "iou", "candidates", "rounds", "kept", "found", "origin", "serial"]) this[name] = frame[name];
    for (const { cell, logits } of frame.asked.rows) this.rows.set(cell, logits);
    for (const { label, scores } of frame.asked.planes) this.planes.set(label, scores);
  }

  /** tx, ty, tw, th, logit of objectness. @param {number} cell */
  rawOf(cell) {
    return this.raw.subarray(5 * cell, 5 * cell + 5);
  }

  /** @param {number} cell */
  boxOf(cell) {
    return this.boxes.subarray(4 * cell, 4 * cell + 4);
  }

  /** Logits of the classes; null where they are still to be asked for. @param {number} cell @returns {Float32Array|null} */
  logitsOf(cell) {
    const many = this.classes.length;
    if (this.logits) return this.logits.subarray(many * cell, many * (cell + 1));
    return this.rows.get(cell) ?? null;
  }

  /** The value that a map shows at every cell; null where it is still to be asked for. @param {string} show */
  valuesOf(show) {
    if (show === "objectness") return this.objectness;
    if (show === "best") return this.best;
    if (show === "score") return this.scores;
    const label = Number(show);
    if (!this.planes.has(label) && this.logits) {
      const many = this.classes.length;
      this.planes.set(
        label,
        Float32Array.from(this.objectness, (_, cell) => sigmoid(this.logits[many * cell + label])),
      );
    }
    return this.planes.get(label) ?? null;
  }

  /** @param {number} cell */
  nameOf(cell) {
    return this.classes[this.labels[cell]] ?? "";
  }

  /** @param {number} cell */
  cell(cell) {
    return /** @type {import("./maths.js").Cell} */ (cellOf(this.grids, cell));
  }

  /** One round of the suppression: who stays, who goes, with the overlap. @param {number} round */
  round(round) {
    const { keepers, starts, gone, overlaps } = this.rounds;
    const [from, to] = [starts[round], starts[round + 1]];
    return { keeper: keepers[round], gone: Array.from(gone.subarray(from, to), (cell, i) => ({ cell, iou: overlaps[from + i] })) };
  }

  /** What the rounds before one have left and taken. @param {number} round */
  before(round) {
    const { keepers, starts, gone } = this.rounds;
    return { kept: keepers.subarray(0, round), gone: gone.subarray(0, starts[round]) };
  }

  /**
   * Other cells of the object that a final box is about: those it suppressed, then those below the threshold.
   * @param {number} cell a final one
   * @param {number} most
   */
  runnersUp(cell, most) {
    const round = this.rounds.keepers.indexOf(cell);
    const suppressed = round < 0 ? [] : this.round(round).gone.map((one) => ({ ...one, why: "suppressed" }));
    const known = new Set([cell, ...suppressed.map((one) => one.cell)]);
    const below = [];
    for (let i = this.candidates.length; i < this.count && suppressed.length + below.length < most; i++) {
      const other = this.order[i];
      const overlap = this.labels[other] === this.labels[cell] && !known.has(other) ? iou(this.boxOf(cell), this.boxOf(other)) : 0;
      if (overlap > SAME) below.push({ cell: other, iou: overlap, why: "below" });
    }
    return { all: suppressed.length, list: [...suppressed.slice(0, most), ...below].slice(0, most) };
  }
}
