// Mounting the wall of heat maps.

import { mount } from "../shared/mount.js";
import { Wall } from "./wall.js";

export default mount(".heat-wall", Wall, (wall, { setTriggerValue }) => {
  wall.choose = (index) => setTriggerValue("choice", index);
  wall.start = (key) => setTriggerValue("start", key);
});
