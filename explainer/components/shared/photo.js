// Photographs as the network received them: rows of red, green and blue bytes.

/**
 * A canvas of the picture's own size.
 * @param {{width: number, height: number, pixels: Uint8Array}} picture RGB
 * @param {boolean} [grey] as luminance
 */
export function photoCanvas({ width, height, pixels }, grey = false) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let i = 0, j = 0; i < pixels.length; i += 3, j += 4) {
    let [r, g, b] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    if (grey) r = g = b = 0.299 * r + 0.587 * g + 0.114 * b;
    image.data[j] = r;
    image.data[j + 1] = g;
    image.data[j + 2] = b;
    image.data[j + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
