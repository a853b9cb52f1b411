import { defaultUnfolded, enclosing, foldTree, foldView, nameWithin } from "../../explainer/components/network_map/fold.js";
import { check, dense, equal, inception, net, residual, squeeze } from "./nets.js";

const all = (overview) => new Set(foldTree(overview).folds.keys());
const root = new Set([0]);
const group = (overview, path) => overview.groups.find((g) => g.path === path).id;
const edge = (view, from, to) => view.edges.find((e) => e.from === from && e.to === to);

/** Every node in exactly one item, items in execution order, and no edge against that order. */
function sound(overview, unfolded) {
  const view = foldView(overview, unfolded);
  const covered = new Array(overview.nodes.length).fill(0);
  for (const item of view.items.values()) for (let i = item.first; i <= item.last; i++) covered[i]++;
  check(covered.every((count) => count === 1), "a node is in no item or in several");
  for (const e of view.edges) {
    check(view.items.get(e.from).last < view.items.get(e.to).first, `edge ${e.from} > ${e.to} runs backwards`);
  }
  const pairs = new Set(view.edges.map((e) => `${e.from}>${e.to}`));
  equal(pairs.size, view.edges.length, "edges are listed once");
  for (const node of overview.nodes) {
    for (const source of node.inputs) {
      const [a, b] = [view.itemOf[source], view.itemOf[node.index]];
      check(a === b || pairs.has(`${a}>${b}`), `the edge ${source} > ${node.index} is lost`);
    }
  }
  return view;
}

export const tests = {
  "a small network is wholly unfolded, a large one by whole levels": () => {
    const small = residual(3);
    equal([...defaultUnfolded(small)].sort(), [...all(small)].sort());
    const large = residual(16);
    equal([...defaultUnfolded(large)], [0], "sixteen blocks would not fit, so the two stages stay folded");
    const middle = residual(10);
    const view = foldView(middle, defaultUnfolded(middle));
    equal([...view.items.values()].filter((item) => item.kind === "slab").length, 10, "ten blocks fit");
  },
  "a container that holds nearly everything is opened": () => {
    const lines = [];
    for (let i = 0; i < 30; i++) lines.push([`features.${i}.conv`, "conv2d", [2 * i]], [`features.${i}.relu`, "relu", [2 * i + 1]]);
    lines.push(["head.pool", "adaptive_avg_pool2d", [60]], ["head.fc", "linear", [61]]);
    const overview = net(lines);
    const view = sound(overview, defaultUnfolded(overview));
    equal([...view.items.values()].filter((item) => item.kind === "slab").length, 31);
  },
  "a module with one operation is that operation": () => {
    const overview = net([["a.conv", "conv2d", [0]], ["b.inner.conv", "conv2d", [1]], ["b.inner.relu", "relu", [2]]]);
    const view = sound(overview, root);
    equal([...view.items.values()].map((item) => item.kind), ["input", "op", "slab"]);
    equal([...view.items.values()].map((item) => item.count), [1, 1, 2]);
  },
  "nothing is lost, doubled or turned round, however it is folded": () => {
    for (const overview of [residual(5), dense([3, 4]), inception(), squeeze()]) {
      const ids = overview.groups.map((g) => g.id);
      let seed = 7;
      for (let trial = 0; trial < 40; trial++) {
        const unfolded = new Set([0, ...ids.filter(() => ((seed = (seed * 48271) % 2147483647) & 64) > 0)]);
        sound(overview, unfolded);
      }
      sound(overview, all(overview));
    }
  },
  "a module that runs twice is two items": () => {
    const overview = net([["act.relu", "relu", [0]], ["act.norm", "batch_norm", [1]], ["conv", "conv2d", [2]], ["act.relu", "relu", [3]], ["act.norm", "batch_norm", [4]]]);
    const view = sound(overview, root);
    equal([...view.items.values()].map((item) => item.kind), ["input", "slab", "op", "slab"]);
  },
  "a residual connection is a skip, a branch is not": () => {
    const block = residual(1);
    const view = sound(block, all(block));
    equal(edge(view, "n:0", "n:4").kind, "skip");
    equal(edge(view, "n:3", "n:4").kind, "main");
    equal(view.items.get("n:4").symbol, "+");
    const branched = inception();
    const open = sound(branched, all(branched));
    for (const from of ["n:4", "n:8", "n:10"]) {
      equal(edge(open, from, "n:11").kind, "concat");
      equal(edge(open, from, "n:11").bypass, false);
    }
  },
  "a dense block's earlier layers bypass, its last one does not": () => {
    const overview = dense([3]);
    const view = sound(overview, all(overview));
    const into = view.edges.filter((e) => e.to === `n:${overview.nodes.length - 1}`);
    equal(into.map((e) => e.kind), ["concat", "concat", "concat", "concat"]);
    equal(into.map((e) => e.bypass), [true, true, true, false]);
    const folded = sound(overview, new Set([0, group(overview, "block0")]));
    check(folded.edges.some((e) => e.kind === "skip"), "between folded layers they are skips");
  },
  "squeeze-and-excitation is a gate beside a skip": () => {
    const overview = squeeze();
    const view = sound(overview, all(overview));
    equal(edge(view, "n:4", "n:5").kind, "gate");
    equal(edge(view, "n:1", "n:5").kind, "skip");
    equal(view.items.get("n:5").symbol, "×");
  },
  "ranks are longest paths within each frame": () => {
    const overview = inception();
    const view = sound(overview, all(overview));
    const ranks = (path) => view.frames.get(`f:${group(overview, path)}`).children.map((id) => (view.items.get(id) ?? view.frames.get(id)).rank);
    equal(ranks("mix"), [0, 0, 0, 1]);
    equal(ranks("mix.b2"), [0, 1]);
    equal(ranks("mix.b2.a"), [0, 1]);
  },
  "the class bars stand for the softmax behind the logits": () => {
    const made = net([["stem.conv", "conv2d", [0]], ["stem.relu", "relu", [1]], ["head.pool", "adaptive_avg_pool2d", [2]], ["head.fc", "linear", [3]], ["softmax", "softmax", [4]]]);
    const view = sound({ ...made, output: 4, answer: 5 }, root);
    const answer = view.items.get("answer");
    equal([answer.kind, answer.node], ["output", 5]);
    check([...view.items.values()].every((item) => item === answer || item.last < answer.first), "it comes last");
    equal(view.edges.filter((e) => e.to === "answer").map((e) => e.from), [view.itemOf[4]]);
    equal([...sound(made, root).items.values()].at(-1).kind, "op", "without an answer it is an operation like others");
  },
  "names inside a frame leave out what the frame says": () => {
    const stage = { path: "layer1", type: "Sequential" };
    equal(nameWithin({ path: "layer1.0.downsample", type: "Sequential" }, { path: "layer1.0" }), "downsample");
    equal(nameWithin({ path: "layer1.0", type: "Bottleneck" }, stage), "layer1.0");
    equal(nameWithin({ path: "features.3", type: "Fire" }, { path: "features" }), "Fire 3");
    equal(nameWithin({ path: "features.12", type: "InvertedResidual" }, { path: "features" }), "block 12");
  },
  "the groups around a node, innermost first": () => {
    const overview = inception();
    equal(enclosing(overview, 6).map((id) => overview.groups[id].path), ["mix.b2.a", "mix.b2", "mix", ""]);
  },
};
