// Tells what the browser knows of its camera, and tells again when that changes. The camera stays off.

import { mount } from "../shared/mount.js";
import { words } from "../shared/words.js";
import { look, watch } from "./camera.js";
import { reword } from "./saying.js";

/** Between two looks at what the stream's frame says, in milliseconds. */
const OFTEN = 400;

class Check {
  constructor() {
    /** @type {(found: object) => void} */
    this.send = () => {};
    this.said = "";
    this.text = words({});
    this.leave = watch(() => this.tell());
    this.clock = setInterval(() => reword(this.text), OFTEN);
    setTimeout(() => this.tell());
  }

  async tell() {
    const found = await look();
    const text = JSON.stringify(found);
    if (text === this.said) return;
    this.said = text;
    this.send(found);
  }

  /** @param {any} frame a decoded one */
  receive(frame) {
    this.text = words(frame.texts);
  }

  destroy() {
    clearInterval(this.clock);
    this.leave();
  }
}

export default mount(".camera-root", Check, (view, { setStateValue }) => {
  view.send = (found) => setStateValue("found", found);
});
