/** The elements around the canvases: zoom buttons, legend, hint, minimap, live region; and the picture of it all. */

const FIT_ICON = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"/></svg>';

/**
 * @param {HTMLElement} host
 * @returns {Record<string, HTMLElement>}
 */
export function buildFrame(host) {
  const make = (tag, name, parent) => parent.appendChild(Object.assign(document.createElement(tag), { className: name }));
  const root = make("div", "nm", host);
  const view = make("div", "nm-view", root);
  const base = make("canvas", "nm-base", view);
  const over = make("canvas", "nm-overlay", view);
  base.tabIndex = 0;
  base.setAttribute("role", "application");
  over.setAttribute("aria-hidden", "true");
  const zoom = make("div", "nm-zoom", view);
  const toastBox = make("div", "nm-toast", view);
  const foot = make("div", "nm-foot", root);
  const legendHost = make("div", "nm-legend", foot);
  const hint = make("div", "nm-hint", foot);
  const mini = make("canvas", "nm-mini", root);
  mini.setAttribute("aria-hidden", "true");
  const live = make("div", "nm-live", root);
  live.setAttribute("aria-live", "polite");
  return { root, view, base, over, zoom, toastBox, legendHost, hint, mini, live };
}

/** All fixed words, in the language of the present overview. */
export function writeWords({ base, hint, zoom }, store, { closer, farther, fit }) {
  const { title } = store.overview.model;
  base.setAttribute("aria-label", store.text("Map of {title}. Arrow keys move, Enter opens, Space unfolds, plus and minus zoom.", { title }));
  hint.textContent = store.text("Hover a channel to see what feeds it, click to open it. Drag to pan; the wheel zooms after a click. Arrow keys move, Enter opens, Esc steps back.");
  hint.title = hint.textContent;
  const button = (sign, label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    if (sign) made.textContent = sign;
    else made.innerHTML = FIT_ICON;
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };
  zoom.replaceChildren(
    button("+", store.text("Zoom in"), closer),
    button("−", store.text("Zoom out"), farther),
    button("", store.text("Fit"), fit),
  );
}

/**
 * What is on the screen, with its legend, as a PNG.
 * @returns {Promise<Blob|null>}
 */
export function snapshot({ base, over, ratio, theme, legend }, title) {
  const canvas = document.createElement("canvas");
  canvas.width = base.width;
  canvas.height = base.height + 34 * ratio;
  const context = canvas.getContext("2d");
  context.fillStyle = theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(base, 0, 0);
  context.drawImage(over, 0, 0);
  context.setTransform(ratio, 0, 0, ratio, 20, base.height + 10 * ratio);
  const [low, high, caption] = [legend.low, legend.high, legend.caption].map((part) => part.textContent);
  context.font = `12px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.fillText(low, 0, 9);
  const start = context.measureText(low).width + 8;
  context.drawImage(legend.canvas, start, 0, 150, 9);
  context.fillText(`${high}   ${caption}   ·   ${title}`, start + 158, 9);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
