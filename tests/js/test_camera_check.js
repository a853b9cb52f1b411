// What can be known of a camera without turning it on, in browsers that say much and in those that say little.
import { look } from "../../explainer/components/camera_check/camera.js";

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

const device = (kind) => ({ kind });
const asking = async () => {};
const state = (name) => ({ query: async () => ({ state: name }) });

export const tests = {
  "a camera that may be asked for": async () => {
    const mediaDevices = { getUserMedia: asking, enumerateDevices: async () => [device("audioinput"), device("videoinput")] };
    const found = await look({ isSecureContext: true, navigator: { mediaDevices, permissions: state("prompt") } });
    equal(found, { secure: true, offered: true, cameras: 1, permission: "prompt" });
  },
  "an address without HTTPS hides everything": async () => {
    const found = await look({ isSecureContext: false, navigator: {} });
    equal(found, { secure: false, offered: false, cameras: null, permission: "unknown" });
  },
  "a browser that does not know the permission's name": async () => {
    const mediaDevices = { getUserMedia: asking, enumerateDevices: async () => [] };
    const permissions = { query: async () => Promise.reject(new TypeError("camera")) };
    const found = await look({ isSecureContext: true, navigator: { mediaDevices, permissions } });
    equal(found, { secure: true, offered: true, cameras: 0, permission: "unknown" });
  },
  "devices that may not be counted": async () => {
    const mediaDevices = { getUserMedia: asking, enumerateDevices: () => Promise.reject(new Error("no")) };
    const found = await look({ isSecureContext: true, navigator: { mediaDevices, permissions: state("denied") } });
    equal(found, { secure: true, offered: true, cameras: null, permission: "denied" });
  },
  "this very browser answers": async () => {
    const found = await look();
    equal(found.offered, true);
    if (!(found.cameras >= 1)) throw new Error("the test's browser has a camera");
  },
};
