// The component: a convolution whose input, kernel and window are under the reader's hand.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".conv-lab", View, (view, { setStateValue }) => {
  view.tell = setStateValue;
});
