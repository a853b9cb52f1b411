// Mounting the view of pooling.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".pool-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
