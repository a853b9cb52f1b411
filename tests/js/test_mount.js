// How a component comes to stand in a page, and what it may send while the reader leaves.
import { atOnce, mount } from "../../explainer/components/shared/mount.js";

const moment = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

/** A place in the page with a view that counts its lives. */
function stage() {
  const parentElement = document.body.appendChild(document.createElement("div"));
  parentElement.innerHTML = '<div class="here"></div>';
  const lives = { born: 0, gone: 0 };
  const sent = [];
  let view;
  class View {
    constructor() {
      lives.born += 1;
      view = this;
    }
    receive() {}
    destroy() {
      lives.gone += 1;
    }
  }
  const show = mount(".here", View, (made, { setStateValue }) => (made.send = setStateValue));
  const component = { data: null, parentElement, setStateValue: (...what) => sent.push(what), setTriggerValue: () => {} };
  return { parentElement, lives, sent, show: () => show(component), send: (...what) => view.send(...what) };
}

export const tests = {
  "a request goes out at once": () => {
    const it = stage();
    it.show();
    it.send("ask", 1);
    equal(it.sent, [["ask", 1]]);
  },
  "a request that Streamlit would keep for the next turn goes out by itself, before anything else": async () => {
    const order = [];
    const flush = () => setTimeout((what) => order.push(what ?? "request"), 0);
    atOnce(flush);
    order.push("click");
    flush();
    equal(order, ["request", "click"]);
    await moment(5);
    equal(order, ["request", "click", "request"]);
  },
  "what waits longer than a turn is not hurried, and nothing is left behind by a failure": async () => {
    const before = globalThis.setTimeout;
    const order = [];
    let thrown = "";
    try {
      atOnce(() => {
        setTimeout((what) => order.push(what), 1, "later");
        throw new Error("refused");
      });
    } catch (error) {
      thrown = error.message;
    }
    equal([thrown, order, globalThis.setTimeout === before], ["refused", [], true]);
    await moment(20);
    equal(order, ["later"]);
  },
  "while the reader leaves, requests wait, and end with the page": async () => {
    const [stays, goes] = [stage(), stage()];
    try {
      for (const it of [stays, goes]) it.show();
      globalThis.convscopeLeft = performance.now() - 1900;
      stays.send("ask", 1);
      goes.send("ask", 2);
      equal([stays.sent, goes.sent], [[], []]);
      goes.parentElement.remove();
      await moment(200);
      equal([stays.sent, goes.sent], [[["ask", 1]], []]);
    } finally {
      delete globalThis.convscopeLeft;
    }
  },
  "a place that is let go of and taken up again keeps its view": async () => {
    const it = stage();
    const letGo = it.show();
    letGo();
    it.show();
    await moment();
    equal(it.lives, { born: 1, gone: 0 });
  },
  "a view whose place is gone is destroyed": async () => {
    const it = stage();
    const letGo = it.show();
    it.parentElement.remove();
    letGo();
    await moment();
    equal(it.lives, { born: 1, gone: 1 });
  },
};
