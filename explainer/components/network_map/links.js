/** Which channels feed which: from a channel of an item to the channels of the items before it. */

const KEEPS = /^(relu|relu6|leaky_relu|prelu|elu|selu|celu|gelu|silu|mish|sigmoid|tanh|softplus|log_sigmoid|hard\w*|threshold|clamp\w*|batch_norm|instance_norm|\w*pool\w*|add|sub|mul|div|neg|abs|sqrt|exp|pow|dropout\w*|interpolate|upsample\w*|pad|contiguous|clone|detach|identity)$/;

/** @param {object} node */
function groupsOf(node) {
  const found = /\bgroups=(\d+)/.exec(node.summary ?? "");
  return found ? Number(found[1]) : 1;
}

/**
 * The rule of one edge.
 * @param {object} overview
 * @param {object} edge
 * @param {object} target the item that reads
 * @returns {(from:number, to:number) => boolean} whether a source channel reaches a target channel
 */
export function rule(overview, edge, target) {
  const [sourceIndex, targetIndex] = edge.pairs[0];
  const source = overview.nodes[sourceIndex];
  const node = overview.nodes[targetIndex];
  if (target.kind === "output") return (from, to) => from === to;
  if (target.first !== target.last) return () => true;
  if (edge.kind === "concat") {
    const start = concatStart(overview, node, sourceIndex);
    return (from, to) => from + start === to;
  }
  if (KEEPS.test(node.kind) && source.channels === node.channels) return (from, to) => from === to;
  const groups = groupsOf(node);
  if (groups > 1 && node.channels % groups === 0 && source.channels % groups === 0) {
    const out = node.channels / groups;
    const into = source.channels / groups;
    return (from, to) => Math.floor(from / into) === Math.floor(to / out);
  }
  return () => true;
}

/** The first channel of a concatenation that comes from a source. */
export function concatStart(overview, node, source) {
  let start = 0;
  for (const input of node.inputs) {
    if (input === source) break;
    start += overview.nodes[input].channels;
  }
  return start;
}

/** What feeds a channel, in words for the tooltip; "" where it is not known. */
export function feedsInWords(store, node, channel) {
  const { nodes } = store.overview;
  const sources = [...new Set(node.inputs)].map((i) => nodes[i]);
  if (!sources.length) return "";
  const name = sources.map((source) => source.label).join(", ");
  if (/^(cat|concat|concatenate)$/.test(node.kind)) {
    let start = 0;
    for (const input of node.inputs) {
      const source = nodes[input];
      if (channel < start + source.channels) {
        return store.text("is channel {channel} of {name}", { channel: channel - start, name: source.label });
      }
      start += source.channels;
    }
  }
  const same = sources.every((source) => source.channels === node.channels);
  if (same && KEEPS.test(node.kind)) return store.text("fed by channel {channel} of {name}", { channel, name });
  const groups = groupsOf(node);
  const into = sources[0].channels / groups;
  if (groups > 1 && Number.isInteger(into)) {
    const first = Math.floor(channel / (node.channels / groups)) * into;
    if (into === 1) return store.text("fed by channel {channel} of {name}", { channel: first, name });
    return store.text("fed by channels {first} to {last} of {name}", { first, last: first + into - 1, name });
  }
  if (/conv|linear|addmm|matmul/.test(node.kind)) {
    return store.text("fed by all {count} channels of {name}", { count: sources[0].channels, name });
  }
  return store.text("fed by {name}", { name });
}
