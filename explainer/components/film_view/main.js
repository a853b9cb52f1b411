// Mounting the film of a run.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".film-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
