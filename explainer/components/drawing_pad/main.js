// A pad to draw on. The drawing is kept as lines, so that the last one can be taken back.

import { Sender } from "./sender.js";

const SIZE = 280;
const WIDTH = 22;
const PAUSE = 120;

/** @type {WeakMap<ParentNode, Pad>} */
const pads = new WeakMap();

export default function drawingPad({ data, parentElement, setStateValue }) {
  const pad = pads.get(parentElement) ?? new Pad(parentElement.querySelector(".pad"));
  pads.set(parentElement, pad);
  pad.update(data, (drawing) => setStateValue("drawing", drawing));
  return () => pad.sender.stop();
}

class Pad {
  constructor(root) {
    /** @type {{x: number, y: number}[][]} */
    this.lines = [];
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.clearButton = this.button(() => this.change([]));
    this.undoButton = this.button(() => this.change(this.lines.slice(0, -1)));
    const buttons = Object.assign(document.createElement("div"), { className: "buttons" });
    buttons.append(this.undoButton, this.clearButton);
    root.replaceChildren(this.canvas, buttons);
    this.sender = new Sender(PAUSE, root, () => this.pixels());
    this.listen();
  }

  update({ side, seen, texts }, send) {
    const text = (key) => texts[key] ?? key;
    this.side = side;
    this.clearButton.textContent = text("Clear");
    this.undoButton.textContent = text("Undo");
    this.label = text("Pad for drawing. Delete clears it, Control and Z take back the last line.");
    this.canvas.setAttribute("aria-label", this.label);
    this.sender.send = send;
    this.sender.seen(seen);
    this.draw();
  }

  button(action) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.addEventListener("click", action);
    return button;
  }

  listen() {
    const { canvas } = this;
    const add = (event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const { clientX, clientY } of moves.length ? moves : [event]) {
        this.lines.at(-1).push({ x: ((clientX - left) / width) * SIZE, y: ((clientY - top) / height) * SIZE });
      }
      this.changed();
    };
    let drawing = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (drawing !== null || event.button !== 0) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      drawing = event.pointerId;
      this.lines = [...this.lines, []];
      add(event);
    });
    canvas.addEventListener("pointermove", (event) => event.pointerId === drawing && add(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        if (event.pointerId === drawing) drawing = null;
      });
    }
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") this.change([]);
      else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.change(this.lines.slice(0, -1));
      else return;
      event.preventDefault();
    });
  }

  change(lines) {
    if (lines.length === this.lines.length) return;
    this.lines = lines;
    this.changed();
  }

  changed() {
    this.draw();
    this.sender.changed();
  }

  draw() {
    const scale = globalThis.devicePixelRatio || 1;
    this.canvas.width = this.canvas.height = Math.round(SIZE * scale);
    paint(this.canvas, this.lines);
    this.clearButton.disabled = this.undoButton.disabled = this.lines.length === 0;
  }

  /** @returns {string} the drawing as side x side bytes in base64, empty for an empty pad */
  pixels() {
    if (!this.lines.length) return "";
    const small = document.createElement("canvas");
    small.width = small.height = this.side;
    paint(small, this.lines);
    const { data } = small.getContext("2d").getImageData(0, 0, this.side, this.side);
    let bytes = "";
    for (let at = 0; at < data.length; at += 4) bytes += String.fromCharCode(data[at]);
    return btoa(bytes);
  }
}

/** Paint the lines white on black; canvas lines are antialiased, so every size is drawn from the lines. */
function paint(canvas, lines) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const scale = canvas.width / SIZE;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.fillStyle = "#000";
  context.fillRect(0, 0, SIZE, SIZE);
  Object.assign(context, { strokeStyle: "#fff", lineWidth: WIDTH, lineCap: "round", lineJoin: "round" });
  for (const line of lines) {
    context.beginPath();
    context.moveTo(line[0].x, line[0].y);
    // A tap is a line without length, which not every browser paints; it is given a little.
    for (const { x, y } of line) context.lineTo(x + 0.01, y);
    context.stroke();
  }
}
