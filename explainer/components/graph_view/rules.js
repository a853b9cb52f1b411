// Operations and their derivatives as formulas, of names or of numbers. What is raised stands in ^{...}.

const INFIX = { add: "+", subtract: "−", multiply: "·", divide: "/" };

/** In brackets where a sign would stand behind a sign, or a power on one. @param {string} part */
function bracketed(part) {
  return /^−/.test(part) || /\s/.test(part) ? `(${part})` : part;
}

/**
 * The formula of an operation.
 * @param {string} operation
 * @param {string[]} inputs names or numbers
 */
export function expression(operation, inputs) {
  const [a, b] = inputs;
  if (operation in INFIX) return `${a} ${INFIX[operation]} ${bracketed(b)}`;
  switch (operation) {
    case "power":
      return `${bracketed(a)}^{${b}}`;
    case "negate":
      return `−${bracketed(a)}`;
    case "exp":
      return `e^{${a}}`;
    case "sqrt":
      return `√${bracketed(a)}`;
    case "abs":
      return `|${a}|`;
    default:
      return `${operation}(${a})`;
  }
}

/**
 * The formula of an operation's derivative by one of its inputs.
 * @param {string} operation
 * @param {number} slot which input
 * @param {string[]} inputs names or numbers
 * @param {string} out name or number of its value
 * @param {number|null} exponent of a power whose exponent is a constant
 */
export function derivative(operation, slot, inputs, out, exponent = null) {
  const [a, b] = inputs;
  switch (operation) {
    case "add":
      return "1";
    case "subtract":
      return slot ? "−1" : "1";
    case "multiply":
      return slot ? a : b;
    case "divide":
      return slot ? `−${bracketed(a)} / ${bracketed(b)}^{2}` : `1 / ${bracketed(b)}`;
    case "power":
      if (slot) return `${out} · log(${a})`;
      if (exponent === 2) return `2 · ${bracketed(a)}`;
      if (exponent === 1) return "1";
      return `${bracketed(b)} · ${bracketed(a)}^{${exponent === null ? `${b} − 1` : String(Number((exponent - 1).toPrecision(6))).replace("-", "−")}}`;
    case "negate":
      return "−1";
    case "sin":
      return `cos(${a})`;
    case "cos":
      return `−sin(${a})`;
    case "exp":
      return out;
    case "log":
      return `1 / ${bracketed(a)}`;
    case "sqrt":
      return `1 / (2 · ${out})`;
    case "abs":
      return `sign(${a})`;
    case "relu":
      return `[${a} > 0]`;
    case "sigmoid":
      return `${bracketed(out)} · (1 − ${bracketed(out)})`;
    default:
      return `1 − ${bracketed(out)}^{2}`;
  }
}

/** A formula cut into plain and raised pieces. @param {string} formula @returns {{text: string, raised: boolean}[]} */
export function pieces(formula) {
  return formula
    .split(/\^\{([^}]*)\}/)
    .map((text, i) => ({ text, raised: i % 2 === 1 }))
    .filter(({ text }) => text);
}
