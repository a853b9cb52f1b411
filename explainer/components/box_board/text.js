// Boxes as the compact text that stands in the link: "left.top.right.bottom.score.class" joined by "_".

/** @typedef {import("./suppression.js").Candidate} Candidate */

/** Scores are written in thousandths. */
const UNIT = 1000;
export const MOST = 60;

/** @param {Candidate[]} boxes */
export function writeBoxes(boxes) {
  return boxes.map(({ box, score, label }) => [...box.map(Math.round), Math.round(score * UNIT), label].join(".")).join("_");
}

/** @param {string} text as `writeBoxes` makes it @returns {Candidate[]} */
export function readBoxes(text) {
  if (!text) return [];
  return text.split("_").map((one) => {
    const [left, top, right, bottom, score, label] = one.split(".").map(Number);
    return { box: [left, top, right, bottom], score: score / UNIT, label };
  });
}

/** A, B, ... Z, AA, AB, ... @param {number} index */
export function nameOf(index) {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : nameOf(Math.floor(index / 26) - 1) + letter;
}
