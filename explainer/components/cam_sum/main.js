// Mounting the sum.

import { mount } from "../shared/mount.js";
import { View } from "./view.js";

export default mount(".cam-sum", View);
