/** Moving the keyboard's place over the map: left and right between columns, up and down between channels. */

/**
 * @param {{boxes:Map}} scene
 * @param {{id:string, row:number}|null} focused row -1 is the column as a whole
 * @param {string} key
 */
export function moveFocus({ boxes }, focused, key) {
  const order = [...boxes.values()].sort((a, b) => a.item.first - b.item.first || a.x - b.x);
  const i = focused ? order.findIndex((box) => box.id === focused.id) : -1;
  if (i < 0) return { id: order[0].id, row: -1 };
  const box = order[i];
  if (key === "Home") return { id: order[0].id, row: -1 };
  if (key === "End") return { id: order.at(-1).id, row: -1 };
  if (key === "ArrowUp") return { id: box.id, row: Math.max(-1, focused.row - 1) };
  if (key === "ArrowDown") return { id: box.id, row: Math.min(box.thumbs.length - 1, focused.row + 1) };
  const next = order[Math.max(0, Math.min(order.length - 1, i + (key === "ArrowRight" ? 1 : -1)))];
  // Following a channel: the same channel if it is shown there, else the same row.
  const channel = focused.row >= 0 ? box.thumbs[focused.row]?.channel : null;
  const same = next.thumbs.findIndex((thumb) => thumb.channel === channel);
  const row = focused.row < 0 ? -1 : same >= 0 ? same : Math.min(focused.row, next.thumbs.length - 1);
  return { id: next.id, row };
}
