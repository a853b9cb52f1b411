// Gradient descent on a surface over two parameters. Paths follow the finger, computed here; when it is lifted,
// PyTorch's own take their place.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".descent-view", View, (view, { setStateValue }) => {
  view.ask = (request) => setStateValue("ask", request);
});
