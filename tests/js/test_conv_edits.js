// Edits of the convolution view: sent as fast as they are answered, none lost, none taken back by a late answer.
import { Edits, make } from "../../explainer/components/conv_lab/edits.js";

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

function listening() {
  const sent = [];
  const edits = new Edits((pending) => sent.push(pending.map(({ serial, x }) => [serial, x])), document.createElement("div"));
  return { edits, sent };
}

function layer() {
  const axis = { kernel: 2 };
  return {
    channels: 1, outputs: 2, groups: 1, height: 2, width: 3, rows: axis, columns: axis,
    input: new Float32Array(6), weight: new Float32Array(8), bias: new Float32Array(2),
  };
}

export const tests = {
  "what comes while an answer is awaited goes together with the next": () => {
    const { edits, sent } = listening();
    edits.add({ kind: "paint", x: 0 });
    edits.add({ kind: "paint", x: 1 });
    edits.add({ kind: "paint", x: 2 });
    equal(sent, [[[1, 0]]]);
    edits.seen(1);
    equal(sent, [[[1, 0]], [[2, 1], [3, 2]]]);
    edits.seen(3);
    equal(edits.pending, []);
    edits.stop();
  },
  "when the reader turns elsewhere no answer is awaited": () => {
    const { edits, sent } = listening();
    const turn = () => document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    edits.add({ kind: "paint", x: 0 });
    turn();
    equal(sent, [[[1, 0]]]);
    edits.add({ kind: "paint", x: 1 });
    turn();
    turn();
    equal(sent, [[[1, 0]], [[1, 0], [2, 1]]]);
    edits.seen(2);
    equal([edits.pending.length, sent.length], [0, 2]);
    edits.stop();
  },
  "an answer to something else keeps what is not in it": () => {
    const { edits, sent } = listening();
    edits.add({ kind: "paint", x: 0 });
    edits.seen(0);
    equal(edits.pending.length, 1);
    equal(sent.length, 1);
    edits.stop();
  },
  "after a reload of the view numbers go on where the server is": () => {
    const { edits, sent } = listening();
    edits.seen(41);
    edits.add({ kind: "paint", x: 5 });
    equal(sent, [[[42, 5]]]);
    edits.stop();
  },
  "edits are made in the numbers, and what lies outside is not": () => {
    const one = layer();
    equal(make(one, { kind: "paint", channel: 0, y: 1, x: 2, value: 3 }), true);
    equal([...one.input], [0, 0, 0, 0, 0, 3]);
    equal(make(one, { kind: "paint", channel: 0, y: 2, x: 0, value: 3 }), false);
    equal(make(one, { kind: "weight", output: 1, nth: 0, row: 0, column: 1, value: 2 }), true);
    equal([...one.weight], [0, 0, 0, 0, 0, 2, 0, 0]);
    equal(make(one, { kind: "weight", output: 1, nth: 0, row: 2, column: 1, value: 2 }), false);
    equal(make(one, { kind: "bias", output: 1, value: -1 }), true);
    equal(make({ ...one, bias: null }, { kind: "bias", output: 1, value: -1 }), false);
    equal(make(one, { kind: "preset", output: 0, name: "box" }), false);
  },
};
