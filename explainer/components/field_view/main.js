// Mounting the view of receptive fields.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".field-root", View, (view, { setStateValue }) => {
  view.send = (ask) => setStateValue("ask", ask);
});
