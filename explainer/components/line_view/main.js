// Mounting the line.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".line-view", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
