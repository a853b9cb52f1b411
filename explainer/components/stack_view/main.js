// Mounting the view of a chain of layers.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".stack-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
