// Mounting the wall of kernels.

import { mount } from "../shared/wall.js";
import { decode } from "../shared/wire.js";
import { View } from "./view.js";

export default mount(View, decode);
