// Drawing on a canvas what the components share: maps with a marked pixel, kernels, flowing lines, legends.

/** @typedef {{x: number, y: number, w: number, h: number}} Box */

/**
 * Give a canvas the size of its place in device pixels and return its context in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function prepare(canvas, width, height) {
  const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  return g;
}

/**
 * The largest box of a map's shape inside a square, centred.
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {number} width of the map
 * @param {number} height of the map
 * @returns {Box}
 */
export function fit(x, y, size, width, height) {
  const scale = size / Math.max(width, height, 1);
  const w = Math.max(6, Math.round(width * scale));
  const h = Math.max(6, Math.round(height * scale));
  return { x: Math.round(x + (size - w) / 2), y: Math.round(y + (size - h) / 2), w, h };
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {HTMLCanvasElement|null} picture
 * @param {Box} box
 * @param {any} theme
 * @param {boolean} [strong] with a dark frame
 */
export function drawMap(g, picture, box, theme, strong = false) {
  if (picture) {
    g.imageSmoothingEnabled = picture.width > box.w * 1.2;
    g.imageSmoothingQuality = "high";
    g.drawImage(picture, box.x, box.y, box.w, box.h);
  } else {
    g.fillStyle = theme.soft;
    g.fillRect(box.x, box.y, box.w, box.h);
  }
  frame(g, box, strong ? theme.text : theme.line, strong ? 1.5 : 1);
}

/** @param {CanvasRenderingContext2D} g @param {Box} box @param {string} colour @param {number} [width] */
export function frame(g, box, colour, width = 1) {
  g.lineWidth = width;
  g.strokeStyle = colour;
  g.strokeRect(box.x - 0.5, box.y - 0.5, box.w + 1, box.h + 1);
}

/**
 * Mark the cells y0..y1, x0..x1 (inclusive) of a map; cells in the padding lie beside the picture.
 * @param {CanvasRenderingContext2D} g
 * @param {Box} box
 * @param {{width: number, height: number}} map
 * @param {[number, number, number, number]} cells y0, x0, y1, x1
 * @param {any} theme
 */
export function mark(g, box, map, [y0, x0, y1, x1], theme) {
  const sx = box.w / map.width;
  const sy = box.h / map.height;
  const least = 4;
  const w = Math.max(least, (x1 - x0 + 1) * sx);
  const h = Math.max(least, (y1 - y0 + 1) * sy);
  const spot = { x: box.x + ((x0 + x1 + 1) / 2) * sx - w / 2, y: box.y + ((y0 + y1 + 1) / 2) * sy - h / 2, w, h };
  frame(g, spot, theme.dark ? "rgba(0,0,0,0.75)" : "rgba(255,255,255,0.9)", 3);
  frame(g, spot, theme.dark ? "#ffffff" : "#10151d", 1.5);
}

/**
 * Cover the part of a map that comes after (y, x) in reading order.
 * @param {CanvasRenderingContext2D} g
 * @param {Box} box
 * @param {{width: number, height: number}} map
 * @param {number} y
 * @param {number} x
 * @param {any} theme
 */
export function veil(g, box, map, y, x, theme) {
  const sx = box.w / map.width;
  const sy = box.h / map.height;
  g.fillStyle = theme.back;
  g.fillRect(box.x + (x + 1) * sx, box.y + y * sy, box.w - (x + 1) * sx, sy + 0.3);
  g.fillRect(box.x, box.y + (y + 1) * sy, box.w, box.h - (y + 1) * sy);
  frame(g, box, theme.line);
}

/**
 * A kernel as coloured cells.
 * @param {CanvasRenderingContext2D} g
 * @param {import("./palette.js").Palette} pictures
 * @param {Float32Array} weights
 * @param {number} offset
 * @param {[number, number]} shape
 * @param {Box} box
 * @param {number} peak
 */
export function drawKernel(g, pictures, weights, offset, [kh, kw], box, peak) {
  const w = box.w / kw;
  const h = box.h / kh;
  const gap = Math.min(w, h) > 8 ? 1 : 0;
  for (let y = 0; y < kh; y++) {
    for (let x = 0; x < kw; x++) {
      g.fillStyle = pictures.colour(weights[offset + y * kw + x], peak, "weights");
      g.fillRect(box.x + x * w, box.y + y * h, w - gap, h - gap);
    }
  }
  frame(g, { ...box, w: box.w - gap, h: box.h - gap }, pictures.theme.line);
}

/**
 * A line that leaves and arrives level.
 * @param {CanvasRenderingContext2D} g
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
export function flow(g, x0, y0, x1, y1) {
  const reach = (x1 - x0) * 0.55;
  g.beginPath();
  g.moveTo(x0, y0);
  g.bezierCurveTo(x0 + reach, y0, x1 - reach, y1, x1, y1);
  g.stroke();
}

/**
 * A colour bar with its two ends and zero.
 * @param {CanvasRenderingContext2D} g
 * @param {import("./palette.js").Palette} pictures
 * @param {Box} box place of the bar; the numbers stand below
 * @param {string} text what the number at its end looks like
 * @param {import("../shared/colours.js").MapName} [name]
 */
export function colourBar(g, pictures, box, text, name = "signed") {
  const bar = pictures.keep(`bar/${name}`, () => {
    const image = new ImageData(255, 1);
    new Uint32Array(image.data.buffer).set(pictures.table(name).subarray(1));
    return image;
  });
  g.imageSmoothingEnabled = true;
  g.drawImage(bar, box.x, box.y, box.w, box.h);
  const under = box.y + box.h + 11;
  const style = { size: 10, tone: "muted" };
  if (box.w < 58) {
    write(g, `±${text}`, box.x + box.w / 2, under, pictures.theme, { ...style, align: "center" });
    return;
  }
  write(g, `−${text}`, box.x, under, pictures.theme, style);
  if (box.w > 80) write(g, "0", box.x + box.w / 2, under, pictures.theme, { ...style, align: "center" });
  write(g, text, box.x + box.w, under, pictures.theme, { ...style, align: "right" });
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {string} text
 * @param {number} x
 * @param {number} y baseline
 * @param {any} theme
 * @param {{size?: number, tone?: string, align?: CanvasTextAlign, weight?: number, width?: number}} [style]
 */
export function write(g, text, x, y, theme, { size = 12, tone = "text", align = "left", weight = 400, width } = {}) {
  g.font = `${weight} ${size}px ${theme.font}`;
  g.textAlign = align;
  g.textBaseline = "alphabetic";
  g.fillStyle = theme[tone] ?? tone;
  let shown = text;
  if (width) {
    while (shown.length > 2 && g.measureText(shown).width > width) shown = `${shown.slice(0, -2)}…`;
  }
  g.fillText(shown, x, y);
}

/**
 * The cell of a map under a point, or null.
 * @param {Box} box
 * @param {{width: number, height: number}} map
 * @param {number} px
 * @param {number} py
 * @param {number} [slack] how far beside the box still counts
 * @returns {{y: number, x: number}|null}
 */
export function cellAt(box, map, px, py, slack = 0) {
  const fx = (px - box.x) / box.w;
  const fy = (py - box.y) / box.h;
  if (px < box.x - slack || py < box.y - slack || px > box.x + box.w + slack || py > box.y + box.h + slack) return null;
  const clamp = (/** @type {number} */ v, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, Math.floor(v * n)));
  return { y: clamp(fy, map.height), x: clamp(fx, map.width) };
}
