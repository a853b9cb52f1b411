/** Painting the network's answer: the classes with their probabilities. */

import { fits, font, roundRect } from "../shared/draw.js";
import { alignedAnswer, ANSWER } from "./layout.js";

/** The class bars: name, bar, probability. */
export function paintAnswer(context, scene, box, at) {
  const { theme, camera, overview } = scene;
  const { k } = camera;
  if (k < 0.12) {
    context.fillStyle = theme.bar;
    context.fillRect(at.x, at.y, at.w * 0.6, at.h);
    return;
  }
  const best = overview.predictions[0].index;
  const size = Math.max(9.5, Math.min(14, 12 * k));
  const readable = ANSWER * k > size + Math.max(2, 7 * k) + 2.5;
  context.textBaseline = "alphabetic";
  for (const thumb of box.thumbs) {
    const { row } = thumb;
    const x = at.x + thumb.x * k;
    const y = at.y + thumb.y * k;
    const first = row.index === best;
    const track = 112 * k;
    const thick = Math.max(2, 7 * k);
    const line = y + 19 * k;
    roundRect(context, x, line, track, thick, 2);
    context.fillStyle = theme.track;
    context.fill();
    if (row.probability * track > 0.6) {
      roundRect(context, x, line, Math.max(1.5, row.probability * track), thick, 2);
      context.fillStyle = first ? theme.primary : theme.bar;
      context.fill();
    }
    if (!readable) continue;
    context.textAlign = "left";
    context.font = font(theme, size, first ? 650 : 400);
    context.fillStyle = first ? theme.text : theme.muted;
    context.fillText(fits(context, row.name, at.w), x, line - Math.max(3, 4 * k));
    context.font = font(theme, size - 1.5, first ? 600 : 400);
    context.fillStyle = first ? theme.text : theme.faint;
    context.fillText(percent(row.probability), x + track + 6 * k, line + thick);
  }
  if (k < 0.3) return;
  context.font = font(theme, Math.max(10, Math.min(14, 12.5 * k)), 600);
  context.fillStyle = theme.text;
  context.textAlign = "left";
  const small = Math.max(9, Math.min(12, 10.5 * k));
  context.fillText(scene.store.text("softmax"), at.x, at.y - Math.max(4, Math.min(10, 8 * k)) - (alignedAnswer(overview) ? small + 4 : 4 * k));
}

export function percent(p) {
  if (p >= 0.9995) return "100 %";
  if (p < 0.0005) return "0 %";
  return `${(100 * p).toFixed(1)} %`;
}
