// Mounting the view of YOLO step by step.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".yolo-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
