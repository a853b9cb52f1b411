// Mounting the wall of kernels.

import { mountWall } from "../shared/wall.js";
import { View } from "./view.js";

export default mountWall(View);
