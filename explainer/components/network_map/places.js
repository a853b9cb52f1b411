// Where the reader is, as words: the permanent link and the breadcrumb.

import { NOWHERE } from "./store.js";

/** @typedef {import("./store.js").Place} Place */
/** @typedef {import("./store.js").Store} Store */

/**
 * A place as it stands in the link: `layer2.0.conv1/12/3,7`.
 * @param {Store} store
 * @param {Place} place
 */
export function write(store, place) {
  const node = place.node === null ? null : store.node(place.node);
  if (!node) return "";
  const parts = [node.name];
  if (place.channel !== null) parts.push(String(place.channel));
  if (place.channel !== null && place.y !== null) parts.push(`${place.y},${place.x}`);
  return parts.join("/");
}

/**
 * Read a place; what does not exist in the present network is left out.
 * @param {Store} store
 * @param {string} text
 * @returns {Place}
 */
export function read(store, text) {
  const [name, channel, pixel] = text.split("/");
  const node = store.find(name);
  if (!node) return NOWHERE;
  const place = { ...NOWHERE, node: node.index };
  const c = Number.parseInt(channel, 10);
  if (!(c >= 0 && c < node.channels)) return place;
  place.channel = c;
  const [y, x] = (pixel ?? "").split(",").map((v) => Number.parseInt(v, 10));
  return y >= 0 && y < node.height && x >= 0 && x < node.width ? { ...place, y, x } : place;
}

/**
 * The steps from the whole network down to a place, for the breadcrumb.
 * @param {Store} store
 * @param {Place} place
 * @returns {{label: string, place: Place|null}[]} a step without a place is a group, which is only a name
 */
export function trail(store, place) {
  /** @type {{label: string, place: Place|null}[]} */
  const steps = [{ label: store.text("network"), place: NOWHERE }];
  const node = place.node === null ? null : store.node(place.node);
  if (!node) return steps;
  const group = store.overview.groups[node.group];
  if (group && group.parent !== null) steps.push({ label: group.label, place: null });
  steps.push({ label: node.label, place: { ...NOWHERE, node: node.index } });
  if (place.channel === null) return steps;
  steps.push({
    label: store.text("channel {number}", { number: place.channel }),
    place: { ...NOWHERE, node: place.node, channel: place.channel },
  });
  if (place.y !== null) {
    steps.push({ label: store.text("pixel ({y}, {x})", { y: place.y, x: /** @type {number} */ (place.x) }), place });
  }
  return steps;
}

/** Whether a step goes to another layer or channel, or another level: what "back" should undo. @param {Place} from @param {Place} to */
export function isStep(from, to) {
  return from.node !== to.node || from.channel !== to.channel || (from.y === null) !== (to.y === null);
}
