// Canvases whose values are read off along one axis.

/**
 * Let a canvas be read off by pointer and keys.
 * @param {HTMLCanvasElement} canvas
 * @param {(px: number) => void} read
 * @param {() => void} leave
 * @param {(steps: number) => void} move
 */
export function readable(canvas, read, leave, move) {
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  const point = (/** @type {PointerEvent} */ event) => read(event.clientX - canvas.getBoundingClientRect().left);
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (event.key === "Escape") leave();
    if (!steps) return;
    event.preventDefault();
    move(event.shiftKey ? 10 * steps : steps);
  });
}
