// Mounting: one wall for each place the component stands in; new data reach the wall that is there already.

import { decode } from "../shared/wire.js";
import { Wall } from "./wall.js";

/** @type {WeakMap<Element, Wall>} */
const walls = new WeakMap();

/**
 * @param {{data: Uint8Array|null, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void}} component
 */
export default function heatWall({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".heat-wall"));
  const wall = walls.get(root) ?? new Wall(root);
  walls.set(root, wall);
  wall.choose = (index) => setTriggerValue("choice", index);
  wall.start = (key) => setTriggerValue("start", key);
  wall.checkTheme();
  if (data && data !== wall.lastData) {
    wall.lastData = data;
    wall.receive(decode(data));
  }
  return () => {
    wall.destroy();
    walls.delete(root);
  };
}
