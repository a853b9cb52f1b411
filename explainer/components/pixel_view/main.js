// Mounting the pixels.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".pixel-view", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
