// Backpropagation on a computational graph, edge by edge. While a slider moves, values and gradients are computed
// here; when it rests, PyTorch computes them again, and its autograd is compared with them.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".graph-view", View, (view, { setStateValue }) => {
  view.ask = (request) => setStateValue("ask", request);
});
