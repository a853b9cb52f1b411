// Mounting the board of boxes.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".bb-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
