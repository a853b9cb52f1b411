// Mounting the comparison; what it asks of the server stands in its state.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".block-pair", View, (view, component) => {
  view.send = (ask) => component.setStateValue("ask", ask);
});
