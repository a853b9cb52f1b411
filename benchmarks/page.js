// In the page under test: how long from an input event until its result stands on the screen.
// All conditions are looked at once a frame, so that looking costs next to nothing.

window.bench = (() => {
  const within = (root, selector) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const element of root.querySelectorAll("*")) {
      const inner = element.shadowRoot && within(element.shadowRoot, selector);
      if (inner) return inner;
    }
    return null;
  };
  /** The texts of all elements that a selector finds, in shadow trees too. */
  const words = (selector, root = document) => {
    let found = [...root.querySelectorAll(selector)].map((one) => one.textContent).join("\n");
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) found += words(selector, element.shadowRoot);
    }
    return found;
  };
  let frame = null;
  /** An element of the map; the way into its shadow tree is found once. */
  const map = (selector) => {
    if (!frame?.isConnected) frame = within(document, ".cs-frame");
    return frame?.querySelector(selector) ?? null;
  };
  const open = () => {
    const panel = map(".cs-panel");
    return panel && !panel.hidden ? panel : null;
  };
  const conditions = {
    painted: (before) => ![undefined, "", before].includes(map(".nm")?.dataset.painted),
    layer: (name) => open()?.querySelector(".cs-layer canvas[role=img]")?.dataset.painted === name,
    convolution: () => open()?.querySelector(".cs-channel-stage")?.dataset.form === "convolution",
    closed: () => !open(),
    head: () => document.querySelector("h1.brand"),
    page: () => within(document, ".gallery [role=radio]") && within(document, "[data-testid=stSelectbox] input"),
    pictures: () => within(document, ".gallery [role=radio] img")?.naturalWidth > 0,
    changed: ([selector, before]) => words(selector) !== before,
    text: (words) => [...document.querySelectorAll("[data-testid=stMarkdown]")].some((p) => p.textContent.includes(words)),
  };
  /** Resolves two frames after the condition holds: the picture has been handed to the screen. */
  const until = (name, argument) =>
    new Promise((resolve, reject) => {
      const deadline = performance.now() + 60_000;
      const look = () => {
        if (conditions[name](argument)) requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
        else if (performance.now() > deadline) reject(new Error(`never ${name} ${argument ?? ""}`));
        else requestAnimationFrame(look);
      };
      look();
    });
  let result = null;
  return {
    map,
    words,
    until,
    /** Wait for the next event of a kind, and from there until the condition holds. */
    arm(kind, name, argument) {
      const happened = new Promise((resolve) => document.addEventListener(kind, resolve, { capture: true, once: true }));
      result = happened.then(async ({ timeStamp }) => {
        const end = await until(name, argument);
        // What grows or fades in is on the screen at once; when it stands still is told apart.
        await Promise.all((open()?.getAnimations() ?? []).map((motion) => motion.finished));
        return { painted: end - timeStamp, still: performance.now() - timeStamp };
      });
    },
    result: () => result,
    twoFrames: () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  };
})();
