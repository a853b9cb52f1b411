// The rows of the table of shapes: what an operation does, what comes out, and the products behind its costs.

import { element } from "../shared/dom.js";

/** @param {number} count */
export const exact = (count) => count.toLocaleString("en");

/** A size of rows and columns: once where both are the same. @param {ArrayLike<number>} pair */
function pair([rows, columns]) {
  return rows === columns ? String(rows) : `${rows}, ${columns}`;
}

/**
 * What an operation is, in words.
 * @param {any} row
 * @param {(key: string, values?: object) => string} text
 */
export function operation({ kind, module, window }, text) {
  if (kind === "input") return text("input");
  if (!window) return module || kind;
  const { kernel, stride, padding, dilation, groups, ceil } = window;
  const parts = [`${kernel[0]} × ${kernel[1]}`];
  if (pair(stride) !== "1") parts.push(text("stride {count}", { count: pair(stride) }));
  if (pair(padding) !== "0") parts.push(text("padding {count}", { count: pair(padding) }));
  if (pair(dilation) !== "1") parts.push(text("dilation {count}", { count: pair(dilation) }));
  if (groups > 1) parts.push(text("{count} groups", { count: groups }));
  if (ceil) parts.push(text("rounded up"));
  return `${module || kind} ${parts.join(", ")}`;
}

/** A shape as in a paper. @param {number[]} shape */
export function shaped(shape) {
  return shape.length === 3 ? `${shape[0]} @ ${shape[1]} × ${shape[2]}` : shape.join(" × ");
}

/** @param {any} field @param {(key: string, values?: object) => string} text */
export function fieldText(field, text) {
  if (!field) return "–";
  const [height, width] = field.size;
  const size = `${height} × ${width}`;
  const step = field.step[0] ? text("{size}, step {step}", { size, step: pair(field.step.map((one) => one ?? "–")) }) : size;
  return field.whole ? text("{size}; through gates the whole picture", { size: step }) : step;
}

/**
 * One row of the table.
 * @param {any} row
 * @param {any} table names of the columns, text, and the link of a layer
 */
export function makeRow(row, { names, text, href }) {
  const made = element("tr", `st-row${row.main ? "" : " st-minor"}`);
  made.dataset.block = String(row.block);
  const name = element("th");
  name.scope = "row";
  const link = element("a", "", row.name);
  link.href = href(row.name);
  link.dataset.name = row.name;
  name.append(link);
  made.append(name, cell("st-what", names.what, operation(row, text)), cell("st-shape", names.shape, shaped(row.shape)));
  made.append(
    counted("st-parameters", names.parameters, row.parameters, row.parametersFrom),
    counted("st-work", names.multiplyAdds, row.multiplyAdds, row.multiplyAddsFrom),
    cell("st-field", names.field, fieldText(row.field, text)),
  );
  return made;
}

/** The row over the operations of one block. @param {any} block @param {number} index @param {any} table */
export function makeHead(block, index, { names, text, open, count }) {
  const made = element("tr", "st-head");
  made.dataset.block = String(index);
  const name = element("th");
  name.scope = "row";
  const button = element("button", "", block.name);
  button.setAttribute("aria-expanded", String(open));
  button.dataset.fold = String(index);
  name.append(button);
  made.append(
    name,
    cell("st-what", names.what, text("{kind}: {count} operations", { kind: block.kind, count })),
    cell("st-shape", names.shape, shaped(block.shape)),
    counted("st-parameters", names.parameters, block.parameters, ""),
    counted("st-work", names.multiplyAdds, block.multiplyAdds, ""),
    cell("st-field", "", ""),
  );
  return made;
}

function cell(name, label, words) {
  const made = element("td", name, words);
  made.dataset.label = label;
  return made;
}

function counted(name, label, count, product) {
  const made = cell(name, label, "");
  if (!count) {
    made.textContent = "–";
    made.classList.add("st-none");
    return made;
  }
  made.append(element("strong", "", exact(count)));
  if (product && product !== String(count)) made.append(element("span", "", `= ${product}`));
  return made;
}
