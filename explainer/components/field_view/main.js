// Mounting: one view for each place the component stands in; new data reach the view that is there already.

import { decode } from "../shared/wire.js";
import { View } from "./view.js";

/** @type {WeakMap<Element, View>} */
const views = new WeakMap();

/** @param {{data: Uint8Array|null, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void}} component */
export default function fieldView({ data, parentElement, setStateValue }) {
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".field-root"));
  let view = views.get(root);
  if (!view) views.set(root, (view = new View(root)));
  view.send = (ask) => setStateValue("ask", ask);
  view.checkTheme();
  if (data && data !== view.lastData) {
    view.lastData = data;
    view.receive(decode(data));
  }
  const made = view;
  return () => {
    made.destroy();
    views.delete(root);
  };
}
