// One network opened: its idea, its paper, its picture drawn from the trace, and where its weights and its work lie.

import { box, familyOf, places, shapeText, stages, three } from "../shared/blocks.js";
import { element } from "../shared/dom.js";
import { svg } from "../shared/svg.js";

const PICTURE = 150;
const TRACK = 46;
/** Room over a track for its title. */
const TITLE = 30;
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

export class Detail {
  /** @param {{leave: (key: string) => void, toShapes: (key: string) => void}} act */
  constructor(act) {
    this.act = act;
    this.root = element("div", "ab-detail");
    this.words = element("div", "ab-words");
    this.stage = element("div", "ab-blocks");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.said = element("p", "ab-said");
    this.said.setAttribute("aria-live", "polite");
    this.root.append(this.words, this.stage, this.said);
    this.root.addEventListener("click", (event) => event.stopPropagation());
    this.stage.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      this.#tell(Math.max(0, Math.min(this.network.blocks.length - 1, this.block + step)));
    });
    this.stage.addEventListener("pointermove", (event) => this.#point(event));
    this.stage.addEventListener("pointerdown", (event) => this.#point(event));
    this.width = 0;
    this.observer = new ResizeObserver(() => this.stage.clientWidth !== this.width && this.draw());
    this.observer.observe(this.stage);
  }

  /** @param {any} board @param {any} network */
  show(board, network) {
    if (network !== this.network) this.block = 0;
    this.board = board;
    this.network = network;
    const { text } = board;
    this.stage.setAttribute("aria-label", text("Blocks of {title}; the arrow keys go from one to the next", { title: network.title }));
    const paper = element("p", "ab-paper");
    paper.append(`${network.authors}: `, element("cite", "", network.paper), `. ${network.venue}.`);
    const links = element("p", "ab-links");
    links.append(
      this.#link(text("Open in the Network page"), network.href, this.act.leave),
      this.#link(text("Its table of shapes"), network.shapes, this.act.toShapes),
    );
    const facts = element("p", "ab-facts", this.#facts());
    this.words.replaceChildren(element("p", "ab-idea", network.idea), paper, facts, links);
  }

  /** A link that keeps the reader's session where the browser would begin a new one. */
  #link(words, address, follow) {
    const link = element("a", "ab-link", words);
    link.href = address;
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      follow(this.network.key);
    });
    return link;
  }

  #facts() {
    const { text } = this.board;
    const { size, depth, operations, parameters, multiplyAdds, weights } = this.network;
    const said = [
      text("input {height} × {width}", { height: size[0], width: size[1] }),
      text("{depth} layers with weights on the longest path, {operations} operations in all", { depth, operations }),
      text("{count} parameters", { count: parameters.toLocaleString("en") }),
      text("{count} multiply-adds", { count: multiplyAdds.toLocaleString("en") }),
      ...weights.map((one) => `${one.name}: top-1 ${one.top1} %, top-5 ${one.top5} %`),
    ];
    return said.join(" · ");
  }

  draw() {
    if (!this.network || !this.stage.isConnected) return;
    const width = this.stage.clientWidth;
    if (width < 40) return;
    this.width = width;
    const { blocks, parameters, multiplyAdds } = this.network;
    const { text } = this.board;
    this.places = places(blocks, width - 2, PICTURE);
    const shares = [
      [text("parameters"), blocks.map((block) => block.parameters / parameters)],
      [text("multiply-adds"), blocks.map((block) => block.multiplyAdds / multiplyAdds)],
    ];
    const lines = 34;
    const height = PICTURE + lines + shares.length * (TRACK + TITLE);
    const picture = svg("svg", { width, height, "aria-hidden": "true" });
    this.columns = this.places.map((place, index) => {
      const column = svg("g", { class: "ab-column" });
      column.append(box(place, PICTURE / 2 + 6, familyOf(blocks[index])));
      return column;
    });
    picture.append(...this.columns, ...this.#stages(PICTURE + 14));
    shares.forEach(([title, values], track) => this.#track(picture, title, values, PICTURE + lines + 14 + track * (TRACK + TITLE)));
    this.stage.replaceChildren(picture);
    this.#tell(this.block);
  }

  /** Brackets that name the size of the maps above them. */
  #stages(y) {
    return stages(this.network.blocks).flatMap(({ first, last, side }) => {
      const [left, right] = [this.places[first].x, this.places[last].x + this.places[last].width];
      const found = [svg("path", { class: "ab-bracket", d: `M${left},${y}v3H${right}v-3` })];
      if (side && right - left > 7 * side.length - 6) {
        found.push(svg("text", { class: "ab-side", x: (left + right) / 2, y: y + 16, "text-anchor": "middle" }, side));
      }
      return found;
    });
  }

  /** Bars below the boxes: the share of each in the whole. */
  #track(picture, title, values, top) {
    const most = Math.max(...values);
    picture.append(svg("text", { class: "ab-track", x: 0, y: top }, title));
    values.forEach((value, index) => {
      const { x, width } = this.places[index];
      const wide = Math.max(width, 5);
      const height = Math.max(value > 0 ? 1 : 0, (value / most) * (TRACK - 8));
      const bottom = top + TRACK + 6;
      this.columns[index].append(
        svg("rect", { class: "ab-share", x: x + (width - wide) / 2, y: bottom - height, width: wide, height, rx: 1 }),
      );
      if (index === values.indexOf(most)) {
        const end = x > this.width - 40;
        const place = { class: "ab-most", x: end ? x + width : x, y: bottom - height - 4, "text-anchor": end ? "end" : "start" };
        picture.append(svg("text", place, `${(100 * value).toFixed(0)} %`));
      }
    });
    picture.append(svg("line", { class: "ab-floor", x1: 0, x2: this.width, y1: top + TRACK + 6.5, y2: top + TRACK + 6.5 }));
  }

  #point(event) {
    if (!this.places) return;
    const x = event.clientX - this.stage.getBoundingClientRect().left;
    const distance = ({ x: left, width, lean }) => Math.max(left - x, x - left - width - lean / 2, 0);
    const index = this.places.reduce((best, place, i) => (distance(place) < distance(this.places[best]) ? i : best), 0);
    if (index !== this.block) this.#tell(index);
  }

  #tell(index) {
    this.block = index;
    const { name, kind, shape, parameters, multiplyAdds } = this.network.blocks[index];
    const { text } = this.board;
    this.columns.forEach((column, i) => column.classList.toggle("block-lit", i === index));
    const share = (part, whole) => `${((100 * part) / whole).toFixed(part / whole < 0.0995 ? 1 : 0)} %`;
    const said = text("{name} ({kind}) → {shape}: {parameters} parameters ({weights}), {work} multiply-adds ({effort})", {
      name,
      kind,
      shape: shapeText([...shape]),
      parameters: three(parameters),
      weights: share(parameters, this.network.parameters),
      work: three(multiplyAdds),
      effort: share(multiplyAdds, this.network.multiplyAdds),
    });
    this.said.textContent = kind === "input" ? `${text("input")} → ${shapeText([...shape])}` : said;
  }
}
