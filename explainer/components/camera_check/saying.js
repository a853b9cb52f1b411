// What the stream's own frame says in English when the camera or the connection fails, in the page's words.

/** How a message begins, and what to say in its place. */
const KNOWN = [
  { begins: /^(NotReadableError|AbortError|TrackStartError)\b/, key: (/** @type {Words} */ text) => text("The camera cannot be opened: another program may hold it.") },
  { begins: /^(NotAllowedError|SecurityError)\b/, key: (/** @type {Words} */ text) => text("The camera is not allowed for this page.") },
  { begins: /^(NotFoundError|OverconstrainedError)\b/, key: (/** @type {Words} */ text) => text("No camera was found.") },
  { begins: /^Connection is taking longer\b/, key: (/** @type {Words} */ text) => text("The connection takes longer than usual.") },
];
const FRAMES = 'iframe[src*="webrtc_streamer"]';
const MESSAGES = ".MuiAlert-message";

/** @typedef {(key: string) => string} Words */

/**
 * What to say in place of a message; null for one that is not known.
 * @param {string} message
 * @param {Words} text
 */
export function inOurWords(message, text) {
  return KNOWN.find(({ begins }) => begins.test(message.trim()))?.key(text) ?? null;
}

/**
 * Put the messages that stand in the frames of streams into the page's words.
 * @param {Words} text
 */
export function reword(text) {
  for (const frame of /** @type {NodeListOf<HTMLIFrameElement>} */ (document.querySelectorAll(FRAMES))) {
    for (const message of frame.contentDocument?.querySelectorAll(MESSAGES) ?? []) {
      const said = inOurWords(message.textContent ?? "", text);
      if (said === null) continue;
      // The frame's program holds on to its text nodes, so they stay.
      const [first, ...rest] = textNodes(message);
      for (const one of rest) one.data = "";
      if (first) first.data = said;
    }
  }
}

/** @param {Element} element */
function textNodes(element) {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(/** @type {Text} */ (walker.currentNode));
  return found;
}
