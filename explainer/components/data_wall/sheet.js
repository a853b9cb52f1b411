// Many small pictures in one file: unpacked once, drawn from where they lie.

/**
 * @typedef {object} Sheet
 * @property {ImageBitmap} image
 * @property {number} side of a picture, in its own pixels
 * @property {number} across pictures in a row
 */

/**
 * @param {{sheet: Uint8Array, side: number, across: number}} frame
 * @returns {Promise<Sheet|null>} null where there is no picture
 */
export async function unpack({ sheet, side, across }) {
  if (!sheet.length) return null;
  const image = await createImageBitmap(new Blob([/** @type {BlobPart} */ (sheet)], { type: "image/jpeg" }));
  return { image, side, across };
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {Sheet} sheet
 * @param {number} number of the picture
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
export function place(g, { image, side, across }, number, x, y, size) {
  // Pixels stay squares where they are large: what the network sees is so coarse.
  g.imageSmoothingEnabled = size < side * 1.6;
  g.imageSmoothingQuality = "high";
  g.drawImage(image, (number % across) * side, Math.floor(number / across) * side, side, side, x, y, size, size);
}
