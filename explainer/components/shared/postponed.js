// A message to the server that waits until the reader rests, so that of quick steps only the last is sent. It waits no
// longer once the reader turns to something else: a click on a tab or a link sends the page's own request, and what
// is sent after that comes too late, or from a component that has left the page.

/** What comes first of all when the reader turns elsewhere: by pointer, by keys, by a program that clicks. */
const TURNS = ["pointerdown", "click", "keydown", "focusin"];

export class Postponed {
  /**
   * @param {EventTarget} root of the component: what the reader does in there hurries nothing
   * @param {() => void} send sends what there is to be sent by then
   */
  constructor(root, send) {
    this.send = send;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** @param {Event} event */
    this.onTurn = (event) => {
      if (!event.composedPath().includes(root)) this.now();
    };
  }

  get waits() {
    return this.timer !== undefined;
  }

  /** Send after a rest, in milliseconds; what waits already waits anew. @param {number} rest */
  after(rest) {
    clearTimeout(this.timer);
    if (!this.waits) for (const name of TURNS) addEventListener(name, this.onTurn, true);
    this.timer = setTimeout(() => this.now(), rest);
  }

  /** Send now what waits, if anything does. */
  now() {
    if (!this.waits) return;
    this.drop();
    this.send();
  }

  /** Nothing is to be sent any more: another message has said it, or the component is gone. */
  drop() {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const name of TURNS) removeEventListener(name, this.onTurn, true);
  }
}
