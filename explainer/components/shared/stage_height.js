// The stage reaches from where it begins to the window's lower edge, whatever stands above it on the page.

/** Room left below the stage, in pixels. */
const BELOW = 14;
const LEAST = 440;
const MOST = 920;
/** On narrower windows the page scrolls, and the style sheet says how tall the stage is. */
const NARROW = 640;

/**
 * Keep the height of a stage right while the page around it changes.
 * @param {HTMLElement} stage
 * @returns {() => void} stops keeping it
 */
export function keepHeight(stage) {
  const settle = () => {
    if (innerWidth <= NARROW) return void (stage.style.height = "");
    const top = stage.getBoundingClientRect().top + (scroller?.scrollTop ?? 0);
    if (top <= 0) return; // not on the page yet
    stage.style.height = `${Math.round(Math.max(LEAST, Math.min(MOST, innerHeight - top - BELOW)))}px`;
  };
  const scroller = scrollerOf(stage);
  const observer = new ResizeObserver(settle);
  observer.observe(scroller?.firstElementChild ?? document.body);
  if (scroller) for (const child of scroller.children) observer.observe(child);
  addEventListener("resize", settle);
  settle();
  return () => {
    observer.disconnect();
    removeEventListener("resize", settle);
  };
}

/** The nearest ancestor that scrolls, also out of shadow trees. @param {Element} element @returns {Element|null} */
function scrollerOf(element) {
  let at = /** @type {any} */ (element);
  while (at) {
    at = at.parentElement ?? at.getRootNode?.().host ?? null;
    if (at && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}
