// Mounting the view of a precision-recall curve.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".match-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
