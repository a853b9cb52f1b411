import { defaultUnfolded, foldTree, foldView } from "../../explainer/components/network_map/fold.js";
import { layout, shapeText } from "../../explainer/components/network_map/layout.js";
import { check, dense, equal, inception, net, residual, squeeze } from "./nets.js";

const all = (overview) => new Set(foldTree(overview).folds.keys());
const place = (overview, unfolded = all(overview)) => {
  const view = foldView(overview, unfolded);
  return { view, ...layout(overview, view) };
};
const apart = (a, b) => a.x + a.w <= b.x + 1e-6 || b.x + b.w <= a.x + 1e-6 || a.y + a.h <= b.y + 1e-6 || b.y + b.h <= a.y + 1e-6;
const whole = (box) => ({ x: box.x, w: box.w, y: box.top, h: box.bottom - box.top });
const inside = (a, b) => a.x >= b.x - 1e-6 && a.y >= b.y - 1e-6 && a.x + a.w <= b.x + b.w + 1e-6 && a.y + a.h <= b.y + b.h + 1e-6;

function sound({ view, boxes, frames, bounds }) {
  const list = [...boxes.values()];
  list.forEach((a, i) => {
    for (const b of list.slice(0, i)) check(apart(whole(a), whole(b)), `${a.id} and ${b.id} overlap`);
    check(inside(whole(a), bounds), `${a.id} lies outside the map`);
    check(inside(whole(a), frames.get(a.item.frame)), `${a.id} sticks out of its frame`);
    for (const thumb of a.thumbs) check(inside({ ...thumb, x: a.x + thumb.x, y: a.y + thumb.y }, whole(a)), `a thumbnail sticks out of ${a.id}`);
  });
  const open = [...frames.values()];
  for (const a of open) {
    for (const b of open) {
      if (a === b || a.frame.parent == null || b.frame.parent == null) continue;
      check(apart(a, b) || inside(a, b) || inside(b, a), `frames ${a.id} and ${b.id} cross`);
    }
    for (const box of list) {
      if (within(view, box.item.frame, a.id)) continue;
      check(apart(whole(box), a), `${box.id} lies in the foreign frame ${a.id}`);
    }
  }
}

function within(view, frame, outer) {
  for (let at = frame; at != null; at = view.frames.get(at).parent) if (at === outer) return true;
  return false;
}

export const tests = {
  "nothing overlaps, everything lies in its frame": () => {
    for (const overview of [residual(6), dense([4, 6]), inception(), squeeze()]) {
      const ids = overview.groups.map((g) => g.id);
      let seed = 11;
      for (let trial = 0; trial < 25; trial++) {
        const unfolded = new Set([0, ...ids.filter(() => ((seed = (seed * 48271) % 2147483647) & 32) > 0)]);
        sound(place(overview, unfolded));
      }
      sound(place(overview));
      sound(place(overview, defaultUnfolded(overview)));
    }
  },
  "the stream runs left to right": () => {
    for (const overview of [residual(4), dense([3]), inception()]) {
      const { view, boxes } = place(overview);
      for (const edge of view.edges) {
        const [a, b] = [boxes.get(edge.from), boxes.get(edge.to)];
        check(a.x + a.w < b.x, `${edge.from} is not left of ${edge.to}`);
      }
    }
  },
  "a chain is straight": () => {
    const { boxes } = place(residual(3));
    const axes = new Set([...boxes.values()].map((box) => Math.round(box.axis)));
    equal(axes.size, 1, "one axis");
  },
  "parallel branches stand in lanes, each straight, around the axis of what they join": () => {
    const { boxes } = place(inception());
    const axis = (index) => boxes.get(`n:${index}`).axis;
    equal([axis(3), axis(5), axis(9)].every((y, i, ys) => i === 0 || y > ys[i - 1]), true, "one below the other");
    equal([axis(5), axis(6), axis(7)], [axis(8), axis(8), axis(8)], "a branch keeps its lane");
    check(axis(3) < axis(11) && axis(9) > axis(11), "they lie around the join");
  },
  "a bypass has a rail above all that it jumps over": () => {
    for (const overview of [residual(4), squeeze(), dense([5])]) {
      const { boxes, rails, bounds } = place(overview);
      check(rails.length > 0, "there are rails");
      for (const rail of rails) {
        check(rail.y >= bounds.y, "it lies in the map");
        const from = boxes.get(rail.from);
        const right = Math.max(...rail.edges.map((edge) => boxes.get(edge.to).x));
        for (const box of boxes.values()) {
          if (box.x > from.x + from.w && box.x + box.w < right) check(rail.y < box.top, `the rail from ${rail.from} crosses ${box.id}`);
        }
      }
    }
  },
  "rails that run side by side are at different heights": () => {
    const { rails } = place(dense([6]));
    for (const a of rails) {
      for (const b of rails) {
        if (a !== b && a.host === b.host && a.start < b.end && b.start < a.end) check(Math.abs(a.y - b.y) > 1, "two rails coincide");
      }
    }
  },
  "the same network gives the same layout": () => {
    const one = place(dense([3, 3]));
    const two = place(dense([3, 3]));
    equal([...one.boxes.values()].map((b) => [b.x, b.y]), [...two.boxes.values()].map((b) => [b.x, b.y]));
  },
  "shapes are written without the batch": () => {
    equal(shapeText(net([]).nodes[0]), "3×32×32");
  },
  "four hundred operations all get a place": () => {
    const overview = dense([6, 12, 24, 16]);
    const view = foldView(overview, all(overview));
    const { boxes } = layout(overview, view);
    check(view.items.size > 400, "it is large");
    equal([...boxes.keys()].sort(), [...view.items.keys()].sort());
    check([...boxes.values()].every((b) => [b.x, b.y, b.w, b.h].every(Number.isFinite)), "none is nowhere");
  },
};
