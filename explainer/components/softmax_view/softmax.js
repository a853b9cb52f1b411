// Softmax and cross entropy in the browser, for what moves under the finger; tests compare them with PyTorch.

/** @param {number[]} logits @param {number} temperature */
export function softmax(logits, temperature) {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp((value - most) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

/** How each probability (row) changes with each score (column). @param {number[]} p @param {number} temperature */
export function jacobian(p, temperature) {
  return p.map((a, i) => p.map((b, j) => (a * ((i === j ? 1 : 0) - b)) / temperature));
}

/** One, or a little less with smoothed labels. @param {number} count @param {number} target @param {number} smoothing */
export function targets(count, target, smoothing) {
  return Array.from({ length: count }, (_, i) => (i === target ? 1 - smoothing : 0) + smoothing / count);
}

/** Cross entropy in nats, by the logarithm of the sum, which does not overflow. */
export function crossEntropy(logits, temperature, wanted) {
  const scaled = logits.map((value) => value / temperature);
  const most = Math.max(...scaled);
  const log = most + Math.log(scaled.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return wanted.reduce((sum, q, i) => sum + q * (log - scaled[i]), 0);
}

/** @param {number[]} p in nats */
export function entropy(p) {
  return p.reduce((sum, value) => sum - (value > 0 ? value * Math.log(value) : 0), 0);
}
