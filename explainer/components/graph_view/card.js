// What the step does, or what a node is, written out with its numbers.

import { element } from "../shared/dom.js";
import { brief } from "../shared/numbers.js";
import { nameOf } from "./drawing.js";
import { derivative, expression, pieces } from "./rules.js";

const DIGITS = 5;

/** @typedef {(key: string, values?: Record<string, string|number>) => string} Text */

/**
 * @param {import("./steps.js").Step} step
 * @param {any} found {nodes, values, edges, sums: gradients as far as they have arrived}
 * @param {Text} text
 */
export function stepCard(step, { nodes, values, edges, sums }, text) {
  const last = nodes.length - 1;
  const loss = nodes[last].name;
  if (step.kind === "given") {
    return card(text("The variables have their values"), [text("Forwards, every operation is computed from its inputs, which are there already.")]);
  }
  if (step.kind === "forward") {
    const { name } = nodes[step.node];
    return card(text("Forward: compute {name}", { name }), [formula(`${name} = ${symbols(nodes, step.node)} = ${numbers(nodes, values, step.node)} = `, written(values[step.node]))]);
  }
  if (step.kind === "seed") {
    return card(text("Backward: begin at the result"), [
      formula(`${partial(loss, loss)} = `, "1"),
      text("A change of {name} changes {name} by just as much.", { name: loss }),
    ]);
  }
  const edge = edges[step.edge];
  const [source, target] = [nodes[edge.source].name, nodes[edge.target].name];
  const lines = [...edgeLines(edge, nodes, values, sums[edge.target])];
  const before = sums[edge.source] - edge.gradient;
  const several = edges.slice(0, step.edge).some((one) => one.source === edge.source);
  if (several) {
    lines.push(text("{name} is used more than once: what arrives adds up.", { name: source }));
    lines.push(formula(`${partial(loss, source)} = ${written(before)} + ${bracketed(written(edge.gradient))} = `, written(sums[edge.source]), edge.gradient));
  }
  return card(text("Backward: from {target} to {source}", { target, source }), lines);
}

/**
 * Everything about a node whose gradient is known.
 * @param {number} index
 * @param {any} found {nodes, values, edges, gradients, autograd}
 * @param {Text} text
 */
export function nodeCard(index, { nodes, values, edges, gradients, autograd }, text) {
  const node = nodes[index];
  const loss = nodes[nodes.length - 1].name;
  const lines = [];
  if (node.operation !== "variable") lines.push(formula(`${node.name} = ${symbols(nodes, index)} = ${numbers(nodes, values, index)} = `, written(values[index])));
  else lines.push(formula(`${node.name} = `, written(values[index])));
  const out = edges.filter((edge) => edge.source === index);
  if (!out.length) lines.push(formula(`${partial(loss, node.name)} = `, "1"));
  else if (out.length === 1) lines.push(...edgeLines(out[0], nodes, values, gradients[out[0].target]));
  else {
    const chain = out.map((edge) => `${partial(loss, nodes[edge.target].name)} · ${partial(nodes[edge.target].name, node.name)}`);
    const put = out.map((edge) => `${bracketed(written(gradients[edge.target]))} × ${bracketed(written(edge.local))}`);
    lines.push(formula(`${partial(loss, node.name)} = ${chain.join(" + ")}`, ""));
    lines.push(formula(`= ${put.join(" + ")} = `, written(gradients[index]), gradients[index]));
  }
  if (autograd) {
    const value = autograd[index] ?? NaN;
    const same = Object.is(value, gradients[index]) || Math.abs(value - gradients[index]) <= 1e-9 * Math.max(1, Math.abs(value));
    const said = { value: brief(value, 8) };
    lines.push(same ? text("PyTorch's autograd: {value}, the same", said) : text("PyTorch's autograd: {value}", said));
  }
  return card(node.operation === "variable" ? text("Variable {name}", { name: node.name }) : text("Node {name}", { name: node.name }), lines);
}

/** Local derivative and chain rule of one edge. */
function edgeLines(edge, nodes, values, arriving) {
  const { operation, inputs, name } = nodes[edge.target];
  const source = nodes[edge.source].name;
  const loss = nodes[nodes.length - 1].name;
  const exponent = operation === "power" && nodes[inputs[1]].operation === "constant" ? nodes[inputs[1]].value : null;
  const byName = derivative(operation, edge.slot, inputs.map((i) => nameOf(nodes, i)), name, exponent);
  const byNumber = derivative(operation, edge.slot, inputs.map((i) => written(values[i])), written(values[edge.target]), exponent);
  const local = written(edge.local);
  const steps = [byName, ...(byNumber !== byName && byNumber !== local ? [byNumber] : [])];
  const result = steps.at(-1) === local ? "" : ` = ${local}`;
  const square = inputs.length === 2 && inputs[0] === inputs[1];
  return [
    formula(`${partial(name, source)}${square ? (edge.slot ? " (2)" : " (1)") : ""} = ${steps.join(" = ")}${result}`, ""),
    formula(
      `${partial(loss, source)} ← ${partial(loss, name)} · ${partial(name, source)} = ${bracketed(written(arriving))} × ${bracketed(local)} = `,
      written(edge.gradient),
      edge.gradient,
    ),
  ];
}

function symbols(nodes, index) {
  const { operation, inputs } = nodes[index];
  return expression(operation, inputs.map((i) => nameOf(nodes, i)));
}

function numbers(nodes, values, index) {
  const { operation, inputs } = nodes[index];
  return expression(operation, inputs.map((i) => written(values[i]))).replaceAll("·", "×");
}

function partial(a, b) {
  return `∂${a}/∂${b}`;
}

function written(value) {
  return brief(value, DIGITS);
}

function bracketed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

/** A line of formulas; its result stands out, in the colour of its sign if it is a gradient. */
function formula(text, result, gradient = undefined) {
  const line = element("p", "gv-formula");
  for (const piece of pieces(text)) line.append(piece.raised ? element("sup", "", piece.text) : piece.text);
  if (result) line.append(element("b", gradient === undefined ? "" : gradient > 0 ? "gv-up" : gradient < 0 ? "gv-down" : "gv-zero", result));
  return line;
}

function card(title, lines) {
  const root = element("div");
  root.append(element("h4", "", title));
  for (const line of lines) root.append(typeof line === "string" ? element("p", "gv-said", line) : line);
  return root;
}
