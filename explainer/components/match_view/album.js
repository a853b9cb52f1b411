// Brings the pictures of an evaluation into the page; shows nothing.

import { mount } from "../shared/mount.js";
import { bring } from "./albums.js";

class Carrier {
  /** @param {any} frame a decoded one */
  receive({ album, pictures }) {
    bring(album, pictures);
  }
}

export default mount(".match-album", Carrier);
