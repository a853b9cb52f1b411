// Mounting: one view for each place a component stands in; new data reach the view that is there already.

import { decode } from "./wire.js";

/** How long requests wait once the reader has chosen another page, in milliseconds, if that does not come. */
const LEAVING = 2000;

const THEME = ["--st-background-color", "--st-text-color", "--st-primary-color", "--st-font"];

/**
 * What a component is drawn by.
 * @typedef {object} View
 * @property {(content: any) => void} receive takes new data, decoded
 * @property {() => void} [themeChanged] called at the first sight of a theme too, before there are data
 * @property {() => void} [destroy]
 */

/**
 * What the page calls a component with.
 * @typedef {object} Component
 * @property {Uint8Array|null} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * The default export of a component's main.js, called by the page at every new state of its data or theme.
 * @template {View} V
 * @param {string} selector of the root in the component's HTML
 * @param {new (root: HTMLElement) => V} View
 * @param {(view: V, component: Component) => void} [connect] gives the view its ways to the server
 */
export function mount(selector, View, connect = () => {}) {
  /** @type {WeakMap<Element, {view: V, data: Uint8Array|null, theme: string}>} */
  const places = new WeakMap();

  /** @param {Component} component */
  return (component) => {
    const { data, parentElement } = component;
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(selector));
    const place = places.get(root) ?? { view: new View(root), data: null, theme: "" };
    places.set(root, place);
    const { view } = place;
    connect(view, { ...component, setStateValue: held(root, component.setStateValue), setTriggerValue: held(root, component.setTriggerValue) });
    const style = getComputedStyle(root);
    const theme = THEME.map((name) => style.getPropertyValue(name)).join();
    if (theme !== place.theme) {
      place.theme = theme;
      view.themeChanged?.();
    }
    if (data && data !== place.data) {
      place.data = data;
      view.receive(decode(data));
    }
    return () =>
      // Now and then the page lets go of a place and takes it up again at once: the view goes on.
      setTimeout(() => {
        if (root.isConnected) return;
        view.destroy?.();
        places.delete(root);
      });
  };
}

/**
 * A way to the server that says nothing while the reader leaves: Streamlit takes a request that comes between the
 * click on a link and the new page as one of the page before, goes back to that and shows it empty.
 * @param {HTMLElement} root
 * @param {(name: string, value: unknown) => void} send
 * @returns {(name: string, value: unknown) => void}
 */
function held(root, send) {
  return (name, value) => {
    const left = /** @type {{convscopeLeft?: number}} */ (globalThis).convscopeLeft ?? -Infinity;
    const wait = left + LEAVING - performance.now();
    if (wait <= 0) atOnce(() => send(name, value));
    else setTimeout(() => root.isConnected && send(name, value), wait);
  };
}

/**
 * Send a request by itself, before anything else happens. Streamlit waits for a turn of the event loop and makes one
 * request of all that has come by then, for the fragment of the first: where that is a component's and the second a
 * click on a tab, the page would not run again; where it is a click on a link, the request would come after that.
 * @param {() => void} send
 */
export function atOnce(send) {
  const { setTimeout } = globalThis;
  /** @type {(() => void)[]} */
  const due = [];
  globalThis.setTimeout = /** @type {any} */ (
    (/** @type {() => void} */ act, /** @type {number} */ wait, /** @type {any[]} */ ...rest) =>
      wait === 0 ? due.push(act) : setTimeout(act, wait, ...rest)
  );
  try {
    send();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  for (const act of due) act();
}
