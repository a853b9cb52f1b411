// Mounting the view of gradients; where the reader stays is told to the server for the link.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".flow-view", View, (view, component) => {
  view.send = (ask) => component.setStateValue("ask", ask);
});
