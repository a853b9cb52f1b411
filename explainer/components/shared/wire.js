// The binary frames that the server sends: a JSON header whose arrays are views into the bytes behind it.

/** @type {Record<string, any>} */
const KINDS = { u8: Uint8Array, u8c: Uint8ClampedArray, f32: Float32Array, i32: Int32Array };

/**
 * Decode one frame: u32 little-endian header length, JSON header padded so that the payload starts 8-byte
 * aligned, then the arrays, each padded to 8 bytes. In the header an array stands as
 * `{"$": byte offset, "t": type, "n": number of elements}`.
 * @param {Uint8Array} bytes
 * @returns {any} the header with typed arrays in place of the references
 */
export function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  // Typed arrays need aligned offsets; the transport may hand the frame over at any offset.
  const body = bytes.slice(4 + length).buffer;
  return resolve(header, body);
}

/**
 * @param {any} value
 * @param {ArrayBuffer} body
 * @returns {any}
 */
function resolve(value, body) {
  if (Array.isArray(value)) return value.map((part) => resolve(part, body));
  if (value === null || typeof value !== "object") return value;
  if ("$" in value) return new KINDS[value.t](body, value.$, value.n);
  for (const name of Object.keys(value)) value[name] = resolve(value[name], body);
  return value;
}
