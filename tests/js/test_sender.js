// The drawing pad's sender: never faster than the other side, and never without the last state.
import { Sender } from "../../explainer/components/drawing_pad/sender.js";

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

function listening(pause) {
  const sent = [];
  let state = "";
  const sender = new Sender(pause, document.createElement("div"), () => state);
  sender.send = ({ serial, pixels }) => sent.push([serial, pixels]);
  return { sender, sent, change: (text) => { state = text; sender.changed(); } };
}

export const tests = {
  "the first change is sent at once, the next waits for the answer": async () => {
    const { sender, sent, change } = listening(5);
    change("a");
    change("b");
    change("c");
    await wait(30);
    equal(sent, [[1, "a"]]);
    sender.seen(1);
    await wait(30);
    equal(sent, [[1, "a"], [2, "c"]]);
    sender.stop();
  },
  "an old answer is none": async () => {
    const { sender, sent, change } = listening(5);
    change("a");
    sender.seen(1);
    change("b");
    await wait(20);
    sender.seen(1);
    change("c");
    await wait(20);
    equal(sent, [[1, "a"], [2, "b"]]);
    sender.stop();
  },
  "when the reader turns elsewhere the last change is not kept waiting": async () => {
    const { sender, sent, change } = listening(5);
    change("a");
    change("b");
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    document.body.dispatchEvent(new Event("click", { bubbles: true }));
    equal(sent, [[1, "a"], [2, "b"]]);
    sender.seen(2);
    await wait(30);
    equal(sent.length, 2);
    sender.stop();
  },
  "after a quiet time a change is sent at once again": async () => {
    const { sender, sent, change } = listening(5);
    change("a");
    sender.seen(1);
    await wait(20);
    change("b");
    equal(sent, [[1, "a"], [2, "b"]]);
    sender.stop();
  },
};
