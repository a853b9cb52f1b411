// Calculations as plain text: four significant digits, a true minus sign, long sums abbreviated.

/** A sum of up to this many terms (a 3x3 kernel on one channel) is written out in full. */
const WRITTEN_OUT = 9;
/** Of a longer sum, this many terms are shown: the largest. */
const ABBREVIATED_TO = 4;

/**
 * A number with four significant digits, as C's %.4g writes it.
 * @param {number} value
 * @param {boolean} [inner] put a negative number in parentheses, as it stands inside a product or a sum
 */
export function written(value, inner = false) {
  let text;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  else {
    const [digits, power] = value.toExponential(3).split("e");
    const exponent = Number(power);
    if (value !== 0 && (exponent < -4 || exponent >= 4)) {
      const size = String(Math.abs(exponent)).padStart(2, "0");
      text = `${trimmed(digits)}e${exponent < 0 ? "-" : "+"}${size}`;
    } else {
      text = trimmed(value.toFixed(3 - (value === 0 ? 0 : exponent)));
    }
  }
  text = text.replaceAll("-", "−");
  return inner && text.startsWith("−") ? `(${text})` : text;
}

/** @param {string} text */
function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/**
 * Summands joined with "+", or with "−" where one begins with a minus sign of its own.
 * @param {string[]} parts
 */
export function joined(parts) {
  return parts.reduce((text, part) => {
    if (!text) return part;
    return part.startsWith("−") ? `${text} − ${part.slice(1)}` : `${text} + ${part}`;
  }, "");
}

/**
 * "0.51×0.2 + … + bias 0.03 = 1.27"; a long sum shows its largest products and how many more there are.
 * @param {{products: number[], factors: {values: number[]}[]}[]} groups
 * @param {number|null} bias
 * @param {number} total
 */
export function abbreviated(groups, bias, total) {
  const count = groups.reduce((sum, group) => sum + group.products.length, 0);
  /** @type {[number, number][]} */
  const shown = count <= WRITTEN_OUT ? everyTerm(groups) : largestTerms(groups);
  const parts = shown.map(([owner, term]) => {
    const numbers = groups[owner].factors.map((factor) => factor.values[term]);
    return numbers.map((number, i) => written(number, i > 0)).join("×");
  });
  if (count > shown.length) parts.push(`… (${(count - shown.length).toLocaleString("en")} more)`);
  if (bias !== null) parts.push(`bias ${written(bias, true)}`);
  return `${joined(parts) || "0"} = ${written(total)}`;
}

/**
 * @param {{products: number[]}[]} groups
 * @returns {[number, number][]}
 */
function everyTerm(groups) {
  return groups.flatMap((group, owner) => group.products.map((_, term) => /** @type {[number, number]} */ ([owner, term])));
}

/**
 * @param {{products: number[]}[]} groups
 * @returns {[number, number][]}
 */
function largestTerms(groups) {
  /** @type {[number, number, number][]} owner, term, magnitude; largest first */
  const best = [];
  groups.forEach((group, owner) =>
    group.products.forEach((product, term) => {
      const size = Math.abs(product);
      if (best.length === ABBREVIATED_TO && size <= best[best.length - 1][2]) return;
      let place = best.length;
      while (place > 0 && best[place - 1][2] < size) place--;
      best.splice(place, 0, [owner, term, size]);
      if (best.length > ABBREVIATED_TO) best.pop();
    }),
  );
  return best.map(([owner, term]) => [owner, term]);
}
