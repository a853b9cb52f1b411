// Mounting: one view for each place the component stands in; new data reach the view that is there already.

import { decode } from "../shared/wire.js";
import { View } from "./view.js";

/** @type {WeakMap<Element, View>} */
const views = new WeakMap();

/** @param {{data: Uint8Array|null, parentElement: HTMLElement}} component */
export default function camSum({ data, parentElement }) {
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".cam-sum"));
  const view = views.get(root) ?? new View(root);
  views.set(root, view);
  if (data && data !== view.data) view.receive(data, decode(data));
  else view.themeChanged();
  return () => {
    view.destroy();
    views.delete(root);
  };
}
