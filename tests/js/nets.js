// Small made-up networks in the form of an overview, for the tests of the map.

/**
 * An overview from lines such as ["stage.0.conv", "conv2d", [0]]: path of the operation, kind, inputs.
 * Groups are the dotted prefixes, in execution order; a prefix that comes back later is a new group.
 * @param {[string, string, number[], object?][]} lines node 0, the input, is added in front
 */
export function net(lines, extra = {}) {
  const groups = [{ id: 0, parent: null, path: "", label: "", type: "Net", first: 0, last: lines.length, output: lines.length, parameters: 0, flops: 0 }];
  const nodes = [node(0, "input", "input", [], 0, { role: "input", channels: 3, height: 32, width: 32 })];
  let open = [groups[0]];
  lines.forEach(([path, kind, inputs, more], i) => {
    const index = i + 1;
    const parts = path.split(".");
    const prefixes = parts.slice(0, -1).map((_, n) => parts.slice(0, n + 1).join("."));
    let depth = 0;
    while (depth < prefixes.length && open[depth + 1]?.path === prefixes[depth]) depth++;
    open = open.slice(0, depth + 1);
    for (const prefix of prefixes.slice(depth)) {
      const group = { id: groups.length, parent: open.at(-1).id, path: prefix, label: prefix, type: "Block", first: index, last: index, output: index, parameters: 0, flops: 0 };
      groups.push(group);
      open.push(group);
    }
    for (const group of open.slice(1)) group.last = group.output = index;
    nodes.push(node(index, parts.at(-1), kind, inputs, open.at(-1).id, more));
  });
  return {
    type: "overview", trace: "t", model: { key: "made", title: "made" }, nodes, groups, output: nodes.length - 1,
    predictions: [], picture: { width: 32, height: 32 }, small: false, ...extra,
  };
}

function node(index, label, kind, inputs, group, more = {}) {
  const size = { channels: 8, height: 16, width: 16, ...more };
  const shown = Array.from({ length: Math.min(size.channels, 6) }, (_, i) => i);
  return {
    index, name: label, kind, label, inputs, group, module: "", summary: kind, role: "main", layout: "map",
    shape: [1, size.channels, size.height, size.width], parameters: 0, flops: 0, peak: 1, low: 0, high: 1,
    shown, thumb: { width: 4, height: 4, pixels: new Uint8Array(16 * shown.length), scale: new Float32Array(shown.length).fill(1) },
    ...size,
  };
}

/** A chain of `count` residual blocks of three operations, an addition and an activation, in two stages. */
export function residual(count) {
  const lines = [];
  let last = 0;
  for (let block = 0; block < count; block++) {
    const at = `layer${block < count / 2 ? 1 : 2}.${block}`;
    const start = lines.length;
    lines.push([`${at}.conv1`, "conv2d", [last]], [`${at}.relu1`, "relu", [start + 1]], [`${at}.conv2`, "conv2d", [start + 2]]);
    lines.push([`${at}.add`, "add", [start + 3, last]], [`${at}.relu2`, "relu", [start + 4]]);
    last = start + 5;
  }
  return net(lines);
}

/** Dense blocks: every layer reads everything before it in its block. */
export function dense(layers) {
  const lines = [["stem.conv", "conv2d", [0]], ["stem.relu", "relu", [1]]];
  let last = 2;
  layers.forEach((count, block) => {
    const parts = [last];
    for (let layer = 0; layer < count; layer++) {
      const at = `block${block}.layer${layer}`;
      const start = lines.length;
      lines.push([`${at}.cat`, "cat", [...parts]], [`${at}.norm1`, "batch_norm", [start + 1]], [`${at}.relu1`, "relu", [start + 2]]);
      lines.push([`${at}.conv1`, "conv2d", [start + 3]], [`${at}.norm2`, "batch_norm", [start + 4]], [`${at}.relu2`, "relu", [start + 5]]);
      lines.push([`${at}.conv2`, "conv2d", [start + 6]]);
      parts.push(lines.length);
    }
    lines.push([`block${block}.cat`, "cat", [...parts]]);
    last = lines.length;
  });
  return net(lines);
}

/** Four branches of different length, joined. */
export function inception() {
  return net([
    ["stem.conv", "conv2d", [0]], ["stem.relu", "relu", [1]],
    ["mix.b1.conv", "conv2d", [2]], ["mix.b1.relu", "relu", [3]],
    ["mix.b2.a.conv", "conv2d", [2]], ["mix.b2.a.relu", "relu", [5]], ["mix.b2.b.conv", "conv2d", [6]], ["mix.b2.b.relu", "relu", [7]],
    ["mix.b3.pool", "max_pool2d", [2]], ["mix.b3.conv", "conv2d", [9]],
    ["mix.cat", "cat", [4, 8, 10], { channels: 24 }],
    ["head.pool", "adaptive_avg_pool2d", [11], { channels: 24, height: 1, width: 1 }],
    ["head.fc", "linear", [12], { channels: 10, height: 1, width: 1 }],
  ]);
}

/** Squeeze-and-excitation: a map multiplied by one number a channel. */
export function squeeze() {
  const one = { height: 1, width: 1 };
  return net([
    ["block.conv", "conv2d", [0]],
    ["block.se.pool", "adaptive_avg_pool2d", [1], one], ["block.se.fc", "conv2d", [2], one], ["block.se.gate", "sigmoid", [3], one],
    ["block.mul", "mul", [1, 4]],
    ["block.out", "conv2d", [5]],
  ]);
}

export function check(truth, message) {
  if (!truth) throw new Error(message);
}

export function equal(actual, expected, message = "") {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${message}: ${a} is not ${b}`);
}
