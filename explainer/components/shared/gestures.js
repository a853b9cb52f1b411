/** Mouse, touch and wheel as camera movements and plain events. */

/**
 * @param {HTMLElement} element
 * @param {object} camera
 * @param {{moved:()=>void, hover:(x:number,y:number,touch:boolean)=>void, leave:()=>void, click:(x:number,y:number,touch:boolean)=>void,
 *   double:(x:number,y:number)=>void, active:()=>boolean, refused:()=>void, grab:(on:boolean)=>void}} on
 * @returns {() => void} stops listening
 */
export function gestures(element, camera, on) {
  const pointers = new Map();
  let travelled = 0;
  let pinch = null;
  const at = (event) => {
    const rect = element.getBoundingClientRect();
    return [event.clientX - rect.left, event.clientY - rect.top];
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { d: Math.hypot(a[0] - b[0], a[1] - b[1]), x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2 };
  };
  const listeners = {
    pointerdown(event) {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, at(event));
      if (pointers.size === 1) travelled = 0;
      pinch = pointers.size === 2 ? spread() : null;
    },
    pointermove(event) {
      const [x, y] = at(event);
      const last = pointers.get(event.pointerId);
      if (!last) return on.hover(x, y, event.pointerType === "touch");
      pointers.set(event.pointerId, [x, y]);
      if (pinch && pointers.size === 2) {
        const now = spread();
        camera.panBy(now.x - pinch.x, now.y - pinch.y);
        camera.zoomAt(now.x, now.y, now.d / Math.max(1, pinch.d));
        pinch = now;
        travelled = 99;
        return on.moved();
      }
      travelled += Math.hypot(x - last[0], y - last[1]);
      if (travelled < (event.pointerType === "touch" ? 9 : 4)) return;
      on.grab(true);
      camera.panBy(x - last[0], y - last[1]);
      on.moved();
    },
    pointerup(event) {
      const single = pointers.size === 1;
      const known = pointers.delete(event.pointerId);
      pinch = null;
      on.grab(false);
      if (known && single && travelled < (event.pointerType === "touch" ? 9 : 4)) {
        on.click(...at(event), event.pointerType === "touch");
      }
    },
    pointercancel(event) {
      pointers.delete(event.pointerId);
      pinch = null;
      on.grab(false);
    },
    pointerleave() {
      if (!pointers.size) on.leave();
    },
    dblclick(event) {
      on.double(...at(event));
    },
    wheel(event) {
      const zooms = event.ctrlKey || event.metaKey;
      if (!zooms && !on.active()) return on.refused();
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 200 : 1;
      if (!zooms && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
        camera.panBy(-(event.deltaX || event.deltaY) * unit, 0);
      } else {
        const delta = Math.max(-120, Math.min(120, event.deltaY * unit));
        camera.zoomAt(...at(event), Math.exp(-delta * (event.ctrlKey && Math.abs(delta) < 40 ? 0.012 : 0.0022)));
      }
      on.moved();
    },
  };
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener, { passive: false });
  return () => {
    for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener);
  };
}
