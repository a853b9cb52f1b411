// Mounting the view of a two-stage detector.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".two-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
