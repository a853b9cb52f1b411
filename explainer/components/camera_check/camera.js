// What can be known of a camera without turning it on.

/**
 * @param {{isSecureContext?: boolean, navigator: any}} [world] the browser, unless it is a test
 * @returns {Promise<{secure: boolean, offered: boolean, cameras: number|null, permission: string}>}
 */
export async function look(world = globalThis) {
  const devices = world.navigator.mediaDevices;
  return {
    secure: world.isSecureContext !== false,
    offered: typeof devices?.getUserMedia === "function",
    cameras: await count(devices),
    permission: await permission(world.navigator.permissions),
  };
}

/** @param {any} devices */
async function count(devices) {
  try {
    const found = await devices.enumerateDevices();
    return found.filter((/** @type {any} */ one) => one.kind === "videoinput").length;
  } catch {
    return null;
  }
}

/** @param {any} permissions */
async function permission(permissions) {
  try {
    return (await permissions.query({ name: "camera" })).state;
  } catch {
    return "unknown"; // Firefox does not know the name
  }
}

/**
 * Call back whenever a camera is plugged in or out, or the reader allows or refuses it.
 * @param {() => void} changed
 * @returns {() => void} ends it
 */
export function watch(changed) {
  const devices = navigator.mediaDevices;
  devices?.addEventListener?.("devicechange", changed);
  /** @type {PermissionStatus|undefined} */
  let status;
  navigator.permissions
    ?.query({ name: /** @type {PermissionName} */ ("camera") })
    .then((found) => (status = found).addEventListener("change", changed))
    .catch(() => {});
  return () => {
    devices?.removeEventListener?.("devicechange", changed);
    status?.removeEventListener("change", changed);
  };
}
