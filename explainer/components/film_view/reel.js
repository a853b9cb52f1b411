// Brings a film into the page; shows nothing.

import { mount } from "../shared/mount.js";
import { bring } from "./reels.js";

class Carrier {
  /** @param {any} film a decoded one */
  receive(film) {
    bring(film.reel, film);
  }
}

export default mount(".film-reel", Carrier);
