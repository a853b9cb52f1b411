// Numbers as cells: a grid on a canvas, with what may be on a cell: its number, a hatch, a mark, an outline.

import { within } from "./numbers.js";

/** @typedef {{x: number, y: number, size: number, rows: number, columns: number}} Grid */

/** From this side on a cell has room for its number. */
export const READABLE = 20;

/**
 * The largest whole side of square cells of which `columns` by `rows` fit into a room.
 * @param {number} width
 * @param {number} height
 * @param {number} columns
 * @param {number} rows
 * @param {number} [largest]
 */
export function cellSize(width, height, columns, rows, largest = 40) {
  const exact = Math.min(largest, width / columns, height / rows);
  return exact >= 4 ? Math.floor(exact) : Math.max(0.5, exact);
}

/** The box of a cell, or of the cells up to another. @param {Grid} grid */
export function boxOf(grid, row, column, toRow = row, toColumn = column) {
  const { x, y, size } = grid;
  return { x: x + column * size, y: y + row * size, w: (toColumn - column + 1) * size, h: (toRow - row + 1) * size };
}

/** The cell under a point, or null. @param {Grid} grid */
export function cellUnder(grid, px, py) {
  const column = Math.floor((px - grid.x) / grid.size);
  const row = Math.floor((py - grid.y) / grid.size);
  return row >= 0 && column >= 0 && row < grid.rows && column < grid.columns ? { row, column } : null;
}

/**
 * Fill every cell; a colour that is null leaves its cell empty.
 * @param {CanvasRenderingContext2D} g
 * @param {Grid} grid
 * @param {(row: number, column: number) => string|null} colourAt
 */
export function fillCells(g, grid, colourAt) {
  const gap = grid.size >= 10 ? 1 : 0;
  const overlap = gap ? 0 : 0.4; // no seams between cells at fractions of pixels
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const colour = colourAt(row, column);
      if (!colour) continue;
      const { x, y, w, h } = boxOf(grid, row, column);
      g.fillStyle = colour;
      g.fillRect(x, y, w - gap + overlap, h - gap + overlap);
    }
  }
}

/**
 * Write a number into a cell if it has room for it.
 * @param {CanvasRenderingContext2D} g
 * @param {Grid} grid
 * @param {number} row
 * @param {number} column
 * @param {number} value
 * @param {string} ink
 * @param {{font: string}} theme
 */
export function writeCell(g, grid, row, column, value, ink, theme) {
  if (grid.size < READABLE) return;
  const { x, y, w, h } = boxOf(grid, row, column);
  const height = Math.max(8.5, Math.min(13, grid.size * 0.4));
  g.font = `400 ${height}px ${theme.font}`;
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillStyle = ink;
  g.fillText(within(value, Math.floor((w - 3) / (height * 0.56))), x + (w - 1) / 2, y + h / 2, w - 2);
}

/**
 * Hatch a box from the lower left to the upper right.
 * @param {CanvasRenderingContext2D} g
 * @param {{x: number, y: number, w: number, h: number}} box
 * @param {string} colour
 * @param {number} [gap]
 */
export function hatch(g, box, colour, gap = 6) {
  g.save();
  g.beginPath();
  g.rect(box.x, box.y, box.w, box.h);
  g.clip();
  g.beginPath();
  // The lines lie on one lattice of the whole canvas, so that those of neighbours meet.
  const first = Math.floor((box.x + box.y) / gap) * gap;
  for (let sum = first; sum < box.x + box.y + box.w + box.h; sum += gap) {
    g.moveTo(sum - box.y, box.y);
    g.lineTo(sum - box.y - box.h, box.y + box.h);
  }
  g.strokeStyle = colour;
  g.lineWidth = 1;
  g.stroke();
  g.restore();
}

/**
 * Outline a box so that it is seen on every ground.
 * @param {CanvasRenderingContext2D} g
 * @param {{x: number, y: number, w: number, h: number}} box
 * @param {string} colour
 * @param {string} ground
 * @param {number} [width]
 */
export function outline(g, box, colour, ground, width = 2) {
  const { x, y, w, h } = box;
  g.lineJoin = "round";
  g.strokeStyle = ground;
  g.lineWidth = width + 2;
  g.strokeRect(x - 0.5, y - 0.5, w, h);
  g.strokeStyle = colour;
  g.lineWidth = width;
  g.strokeRect(x - 0.5, y - 0.5, w, h);
}

/** A small cross in the middle of a box. @param {CanvasRenderingContext2D} g */
export function cross(g, box, colour) {
  const arm = Math.max(1.5, Math.min(4, box.w / 5));
  const [x, y] = [box.x + (box.w - 1) / 2, box.y + (box.h - 1) / 2];
  g.beginPath();
  g.moveTo(x - arm, y - arm);
  g.lineTo(x + arm, y + arm);
  g.moveTo(x + arm, y - arm);
  g.lineTo(x - arm, y + arm);
  g.strokeStyle = colour;
  g.lineWidth = 1;
  g.stroke();
}

/** A dot in the middle of a box, full or hollow. @param {CanvasRenderingContext2D} g */
export function dot(g, box, colour, radius, full = true) {
  g.beginPath();
  g.arc(box.x + (box.w - 1) / 2, box.y + (box.h - 1) / 2, radius, 0, 2 * Math.PI);
  g.fillStyle = g.strokeStyle = colour;
  g.lineWidth = 1.25;
  if (full) g.fill();
  else g.stroke();
}
