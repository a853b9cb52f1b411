// Messages that wait for the reader to rest: never sent twice, and never late where the reader turns elsewhere.
import { Postponed } from "../../explainer/components/shared/postponed.js";

const moment = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Longer than any test takes. */
const LONG = 600_000;

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

/** A component in a shadow tree, as on a page, that tells its step; a button beside it. */
function stage() {
  const host = document.body.appendChild(document.createElement("div"));
  const elsewhere = document.body.appendChild(document.createElement("button"));
  const root = host.attachShadow({ mode: "open" }).appendChild(document.createElement("div"));
  const inside = root.appendChild(document.createElement("button"));
  const sent = [];
  const it = { step: 0, sent, inside, elsewhere };
  it.postponed = new Postponed(root, () => sent.push(it.step));
  it.to = (step, rest = LONG) => {
    it.step = step;
    it.postponed.after(rest);
  };
  return it;
}

const press = (element, name) => element.dispatchEvent(new Event(name, { bubbles: true, composed: true }));

export const tests = {
  "of quick steps the last is sent, once": async () => {
    const it = stage();
    for (const step of [1, 2, 3]) it.to(step, 5);
    equal([it.sent, it.postponed.waits], [[], true]);
    await moment(40);
    equal([it.sent, it.postponed.waits], [[3], false]);
    press(it.elsewhere, "pointerdown");
    equal(it.sent, [3]);
  },
  "no rest is still not at once": async () => {
    const it = stage();
    it.to(1, 0);
    it.to(2, 0);
    equal(it.sent, []);
    await moment(5);
    equal(it.sent, [2]);
  },
  "when the reader turns elsewhere it is sent before what that does": () => {
    for (const turn of ["pointerdown", "click", "keydown", "focusin"]) {
      const it = stage();
      const order = [];
      it.postponed.send = () => order.push(`step ${it.step}`);
      it.elsewhere.addEventListener(turn, () => order.push(turn));
      it.to(1);
      it.to(2);
      press(it.elsewhere, turn);
      equal(order, ["step 2", turn]);
      press(it.elsewhere, turn);
      equal(order, ["step 2", turn, turn]);
    }
  },
  "what the reader does in the component itself hurries nothing": () => {
    const it = stage();
    it.to(1);
    for (const turn of ["pointerdown", "click", "keydown", "focusin"]) press(it.inside, turn);
    equal([it.sent, it.postponed.waits], [[], true]);
    it.postponed.drop();
  },
  "a real focus that leaves the component": () => {
    const it = stage();
    it.inside.focus();
    it.to(1);
    it.elsewhere.focus();
    equal(it.sent, [1]);
    it.postponed.drop();
  },
  "now sends what waits, and nothing where nothing waits": async () => {
    const it = stage();
    it.postponed.now();
    equal(it.sent, []);
    it.to(1, 5);
    it.postponed.now();
    await moment(30);
    equal(it.sent, [1]);
  },
  "what is dropped is never sent; the next is": async () => {
    const it = stage();
    it.to(1, 5);
    it.postponed.drop();
    press(it.elsewhere, "pointerdown");
    await moment(30);
    equal(it.sent, []);
    it.to(2);
    press(it.elsewhere, "click");
    equal(it.sent, [2]);
  },
  "one that sends again while it sends waits anew": () => {
    const it = stage();
    it.postponed.send = () => {
      it.sent.push(it.step);
      if (it.step < 2) it.to(2);
    };
    it.to(1);
    press(it.elsewhere, "pointerdown");
    equal([it.sent, it.postponed.waits], [[1], true]);
    press(it.elsewhere, "click");
    equal(it.sent, [1, 2]);
  },
};
