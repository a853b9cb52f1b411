// Tells what the browser knows of its camera, and tells again when that changes. The camera stays off.

import { mount } from "../shared/mount.js";
import { look, watch } from "./camera.js";

class Check {
  constructor() {
    /** @type {(found: object) => void} */
    this.send = () => {};
    this.said = "";
    this.leave = watch(() => this.tell());
    setTimeout(() => this.tell());
  }

  async tell() {
    const found = await look();
    const text = JSON.stringify(found);
    if (text === this.said) return;
    this.said = text;
    this.send(found);
  }

  receive() {}

  destroy() {
    this.leave();
  }
}

export default mount(".camera-root", Check, (view, { setStateValue }) => {
  view.send = (found) => setStateValue("found", found);
});
