// Numbers as a file that numpy.load reads.

/**
 * A float32 array in numpy's own format, version 1.0 (numpy.lib.format).
 * @param {Float32Array} values
 * @param {number[]} shape
 * @returns {Blob}
 */
export function npy(values, shape) {
  const size = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${size}), }`;
  const padded = header.padEnd(header.length + ((-(header.length + 11) % 64) + 64) % 64) + "\n";
  const start = new Uint8Array(10);
  start.set([0x93, ...[..."NUMPY"].map((letter) => letter.charCodeAt(0)), 1, 0, padded.length & 255, padded.length >> 8]);
  return new Blob([start, padded, values.slice()]);
}
