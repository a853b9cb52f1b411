// One colour for each class, the same wherever it stands.

/** Degrees between the hues of classes that follow each other: the golden angle, which never comes back. */
const TURN = 137.508;

/** @param {number} place of the class */
export function classColour(place) {
  return `hsl(${((208 + place * TURN) % 360).toFixed(1)} ${place % 3 === 1 ? 48 : 62}% ${[52, 58, 46][place % 3]}%)`;
}
