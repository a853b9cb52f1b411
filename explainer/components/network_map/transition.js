/** Between two layouts: what stays moves, what is new grows out of what it was folded in. */

const mix = (a, b, t) => a + (b - a) * t;

/**
 * @param {{from:object, to:object}} moving two results of layout()
 * @param {number} t 0..1
 */
export function between({ from, to }, t) {
  const boxes = new Map();
  const frames = new Map();
  const appear = new Map();
  const homes = [...from.boxes.values()].filter((box) => box.item.kind === "slab");
  const fade = Math.max(0, Math.min(1, t * 1.6 - 0.5));
  for (const [id, box] of to.boxes) {
    let start = from.boxes.get(id);
    if (!start) {
      appear.set(id, fade);
      const home = box.item.kind === "slab"
        ? from.frames.get(`f:${box.item.group.id}`) ?? homes.find((slab) => holds(slab, box))
        : homes.find((slab) => holds(slab, box));
      start = home ? startIn(home, box) : box;
    }
    const moved = { ...box };
    for (const key of ["x", "y", "axis", "top", "bottom", "left", "right"]) moved[key] = mix(start[key], box[key], t);
    boxes.set(id, moved);
  }
  for (const [id, frame] of to.frames) {
    const home = from.frames.get(id) ?? from.boxes.get(`s:${frame.frame.group.id}`) ?? homes.find((slab) => slab.item.first <= frame.frame.group.first && frame.frame.group.last <= slab.item.last);
    if (!from.frames.has(id)) appear.set(id, Math.min(1, t * 2));
    const moved = { ...frame };
    for (const key of ["x", "y", "w", "h", "axis"]) moved[key] = mix((home ?? frame)[key], frame[key], t);
    frames.set(id, moved);
  }
  const rails = to.rails.map((rail) => ({ ...rail, y: Math.min(rail.y, boxes.get(rail.from).top) }));
  return { boxes, frames, rails, appear };
}

function holds(slab, box) {
  return slab.item.first <= box.item.first && box.item.last <= slab.item.last;
}

/** A box of the same size in the middle of its home. */
function startIn(home, box) {
  const dx = home.x + home.w / 2 - (box.x + box.w / 2);
  const dy = home.axis - box.axis;
  return { x: box.x + dx, left: box.left + dx, right: box.right + dx, y: box.y + dy, axis: home.axis, top: box.top + dy, bottom: box.bottom + dy };
}
