// Lines from every product to the sum: as wide as what the product adds at the chosen place.

const SVG = "http://www.w3.org/2000/svg";
const WIDEST = 7;
const RADIUS = 11;

export class Flow {
  /** @param {HTMLElement} stage what the lines are drawn over */
  constructor(stage) {
    this.stage = stage;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "cs-flow");
    this.svg.setAttribute("aria-hidden", "true");
    /** @type {SVGPathElement[]} */
    this.paths = [];
    this.plus = document.createElementNS(SVG, "g");
    this.plus.setAttribute("class", "cs-plus-sign");
    this.plus.innerHTML = `<circle r="${RADIUS}"/><path d="M-5,0H5M0,-5V5"/>`;
    this.svg.append(this.plus);
  }

  /**
   * Draw from the right edge of each source to a "+" at the left edge of the target.
   * @param {Element[]} sources
   * @param {Element} target
   */
  lay(sources, target) {
    const origin = this.stage.getBoundingClientRect();
    const to = target.getBoundingClientRect();
    const [x1, y1] = [to.left - origin.left - 2 * RADIUS - 6, to.top + to.height / 2 - origin.top];
    this.plus.setAttribute("transform", `translate(${x1 + RADIUS},${y1})`);
    while (this.paths.length > sources.length) this.paths.pop()?.remove();
    sources.forEach((source, index) => {
      const from = source.getBoundingClientRect();
      const [x0, y0] = [from.right - origin.left + 3, from.top + from.height / 2 - origin.top];
      const bend = Math.max(24, (x1 - x0) * 0.55);
      let path = this.paths[index];
      if (!path) {
        path = /** @type {SVGPathElement} */ (document.createElementNS(SVG, "path"));
        this.svg.insertBefore(path, this.plus);
        this.paths[index] = path;
      }
      path.setAttribute("d", `M${x0},${y0} C${x0 + bend},${y0} ${x1 - bend},${y1} ${x1},${y1}`);
    });
  }

  /**
   * @param {number[]} terms
   * @param {number} chosen the row that is pointed at, -1 for none
   * @param {{up: string, down: string}} theme
   */
  colour(terms, chosen, theme) {
    const peak = Math.max(...terms.map(Math.abs), 1e-30);
    terms.forEach((term, row) => {
      const path = this.paths[row];
      if (!path) return;
      const share = Math.abs(term) / peak;
      path.style.stroke = term < 0 ? theme.down : theme.up;
      path.style.strokeWidth = String(0.75 + (WIDEST - 0.75) * share);
      path.style.opacity = String(chosen === row ? 0.95 : chosen < 0 ? 0.16 + 0.5 * share : 0.12);
      path.classList.toggle("cs-flowing", chosen === row);
    });
  }
}
