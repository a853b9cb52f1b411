// Where the pictures of a data set stand, and where the arrow keys lead.

import { follow, layout } from "../../explainer/components/data_wall/layout.js";

function equal(found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

function inside({ spots, size, height }, width) {
  for (const one of spots) {
    if (one.x < 0 || one.x + size > width + 0.5 || one.y + size > height) throw new Error(`outside: ${JSON.stringify(one)}`);
  }
}

export const tests = {
  "one class fills line after line"() {
    const plan = layout([120], 900, true);
    inside(plan, 900);
    equal(plan.spots.length, 120);
    equal(plan.titles, []);
    equal(new Set(plan.spots.map((one) => `${one.x}/${one.y}`)).size, 120);
  },
  "rows of examples show what fits, and count what does not"() {
    const plan = layout([16, 3, 16], 700, false);
    inside(plan, 700);
    const rows = [0, 1, 2].map((row) => plan.spots.filter((one) => one.row === row));
    equal(rows[1].length, 3);
    equal(rows[2][0].number, 19);
    if (!(rows[0].length < 16)) throw new Error("a narrow row shows all");
    equal(new Set(rows[0].map((one) => one.y)).size, 1);
  },
  "on a telephone names stand above"() {
    const plan = layout([16, 16], 360, false);
    inside(plan, 360);
    equal(plan.spots[0].x, 0);
    equal(plan.titles.map((one) => one.above), [true, true]);
  },
  "an empty row keeps its place"() {
    const plan = layout([0, 2], 700, false);
    equal(plan.spots.map((one) => one.number), [0, 1]);
    if (!(plan.spots[0].y > plan.size)) throw new Error("the empty row is gone");
  },
  "arrow keys"() {
    const plan = layout([5, 2, 5], 900, false);
    equal(follow(plan, 0, "ArrowLeft"), 0);
    equal(follow(plan, 0, "ArrowRight"), 1);
    equal(follow(plan, 4, "ArrowDown"), 6); // the nearest of a shorter row
    equal(follow(plan, 6, "ArrowDown"), 8);
    equal(follow(plan, 8, "ArrowUp"), 6);
    equal(follow(plan, 0, "ArrowUp"), 0);
    equal(follow(plan, 0, "End"), 11);
    equal(follow(plan, 9, "Home"), 0);
  },
};
