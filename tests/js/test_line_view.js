// Convolution in one dimension as the browser works it out, and how the window plays.
import { cell } from "../../explainer/components/line_view/cells.js";
import { Player } from "../../explainer/components/line_view/player.js";
import { likenessOf, matrixOf, outputOf, problemOf, readNumbers, sizeOf, sourceOf, spaced, termsOf, untouched } from "../../explainer/components/line_view/slide.js";

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

function line(data, kernel, options = {}) {
  return { data: readNumbers(data).values, kernel: readNumbers(kernel).values, stride: 1, padding: 0, dilation: 1, mode: "zeros", flip: false, ...options };
}

export const tests = {
  "the examples of the course": () => {
    equal(outputOf(line("0 1 0 1 0 0 1 1 1 0", "1 0 1")), [0, 2, 0, 1, 1, 1, 2, 1]);
    equal(outputOf(line("0 1 2 1 0 0 1 1 1 0", "1 0 1")), [2, 2, 2, 1, 1, 1, 2, 1]);
    equal(outputOf(line("0 1 2 1 0 0 1 1 1 0", "1 2 1")), [4, 6, 4, 1, 1, 3, 4, 3]);
  },
  "a flipped kernel is read backwards": () => {
    equal(outputOf(line("0 0 1 0 0", "1 2 3")), [3, 2, 1]);
    equal(outputOf(line("0 0 1 0 0", "1 2 3", { flip: true })), [1, 2, 3]);
  },
  "padding takes what its mode says": () => {
    const from = (mode) => [-2, -1, 3, 4].map((i) => sourceOf({ data: [5, 6, 7], mode }, i));
    equal(from("zeros"), [-1, -1, -1, -1]);
    equal(from("reflect"), [2, 1, 1, 0]);
    equal(from("replicate"), [0, 0, 2, 2]);
    equal(from("circular"), [1, 2, 0, 1]);
  },
  "every term says where it comes from": () => {
    const found = termsOf(line("1 2 3 4", "10 20", { dilation: 2, padding: 1 }), 1);
    equal(found.map(({ cell, source, product }) => [cell, source, product]), [[0, 0, 10], [2, 2, 60]]);
    equal(termsOf(line("1 2", "10 20", { padding: 1 }), 0)[0], { cell: -1, source: -1, value: 0, weight: 10, product: 0 });
  },
  "what the floor leaves out is known": () => {
    const strided = line("1 2 3 4 5 6", "1 1", { stride: 4 });
    equal(sizeOf(strided), 2);
    equal([...untouched(strided)], [2, 3]);
  },
  "why there is no output": () => {
    equal(problemOf(line("1 2", "1 1 1")), "short");
    equal(problemOf(line("1 2", "1", { padding: 2, mode: "reflect" })), "reflect");
    equal(problemOf(line("1 2", "1", { padding: 3, mode: "circular" })), "circular");
    equal(problemOf(line("1 2", "1", { padding: 2, mode: "circular" })), null);
    equal(outputOf(line("1 2", "1 1 1")), []);
  },
  "rows of the matrix are the kernel, moved": () => {
    equal(matrixOf(line("1 1 1 1", "1 2", { stride: 2 })), [[1, 2, 0, 0], [0, 0, 1, 2]]);
  },
  "likeness is the cosine, and 0 over nothing": () => {
    const [nothing, exact] = likenessOf(line("0 0 2 4", "1 2", { stride: 2 }));
    equal([nothing, Number(exact.toFixed(12))], [0, 1]);
  },
  "numbers are read as people type them": () => {
    equal(readNumbers("１ −2,3;  0.5、1e2"), { values: [1, -2, 3, 0.5, 100], wrong: "" });
    equal(readNumbers("1 two").wrong, "two");
    equal(readNumbers("1e99").wrong, "1e99");
    equal(readNumbers("  ").values, []);
    equal(spaced([1, -2, 0.5]), "1 -2 0.5");
  },
  "numbers are written short": () => {
    equal([cell(-2.716), cell(-2.716, true), cell(12), cell(-0.0571)], ["−2.72", "−2.7", "12", "−0.057"]);
  },
  "the window plays every product, the sum, the next place, and ends": async () => {
    const seen = [];
    let changes = 0;
    const player = new Player(() => ({ places: 2, terms: 2 }), (place, shown) => seen.push(`${place}:${shown}`), () => changes++);
    player.speed = 1000;
    player.toggle();
    while (player.playing) await new Promise((resolve) => setTimeout(resolve, 5));
    equal(seen, ["0:0", "0:1", "0:2", "0:3", "1:0", "1:1", "1:2", "1:3", "1:Infinity"]);
    equal(changes, 2);
    player.toggle();
    equal(player.place, 0); // from the beginning again
    player.go(9);
    equal([player.place, player.playing], [1, false]);
  },
};
