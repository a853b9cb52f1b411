// Mounting the view of dropout.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".dropout-view", View);
