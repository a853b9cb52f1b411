// The likely classes: how likely each was, and how likely it is now.

import { format } from "../shared/colours.js";
import { element } from "../shared/dom.js";

export class ClassBars {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.title = host.appendChild(element("h4"));
    this.list = host.appendChild(element("ol"));
    this.said = host.appendChild(element("p", "verdict"));
    this.said.setAttribute("aria-live", "polite");
  }

  /** @param {{index: number, name: string, before: number, after: number, scores: number[]}[]} classes */
  show(classes, text) {
    this.host.hidden = !classes.length;
    if (!classes.length) return;
    this.title.textContent = text("The answer");
    while (this.list.children.length > classes.length) this.list.lastChild.remove();
    while (this.list.children.length < classes.length) this.list.append(row());
    const best = (side) => classes.reduce((a, b) => (b[side] > a[side] ? b : a));
    classes.forEach((one, i) => fill(this.list.children[i], one, text, one === best("after")));
    const [was, is] = [best("before"), best("after")];
    this.host.dataset.flipped = String(was !== is);
    this.said.textContent =
      was === is
        ? text("Still {name}: {before} before, {after} now.", {
            name: is.name,
            before: percent(is.before),
            after: percent(is.after),
          })
        : text("The answer is another one: {before} before, {after} now.", { before: was.name, after: is.name });
  }
}

function row() {
  const line = element("li");
  const track = element("div", "track");
  track.append(element("i", "before"), element("i", "after"));
  line.append(element("span", "name"), track, element("span", "numbers"));
  return line;
}

/** @param {HTMLElement} line */
function fill(line, { index, name, before, after, scores }, text, best) {
  const [label, track, numbers] = line.children;
  label.textContent = name;
  label.title = name;
  line.dataset.index = String(index);
  line.dataset.best = String(best);
  track.children[0].style.width = `${100 * before}%`;
  track.children[1].style.width = `${100 * after}%`;
  numbers.replaceChildren(element("span", "was", percent(before)), element("b", "", percent(after)));
  const [a, b] = scores.map((score) => format(score, 4));
  line.title = text("{name}: {before} before, {after} now; score {a} before, {b} now", {
    name,
    before: percent(before),
    after: percent(after),
    a,
    b,
  });
}

function percent(share) {
  return `${(100 * share).toFixed(share < 0.0995 ? 2 : 1)} %`;
}
