// Softmax in the browser, for scores under the finger: the numbers are PyTorch's.

import { crossEntropy, entropy, jacobian, softmax, targets } from "../../explainer/components/softmax_view/softmax.js";

function close(found, wanted, what = "") {
  found.forEach((value, i) => {
    if (!(Math.abs(value - wanted[i]) <= 1e-6)) throw new Error(`${what} ${found} is not ${wanted}`);
  });
}

const Z = [2, 1, 0, -1];

export const tests = {
  "probabilities are those of torch.softmax"() {
    // torch.softmax(torch.tensor([2., 1., 0., -1.], dtype=torch.float64) / T, 0) for T = 1 and T = 0.5
    close(softmax(Z, 1), [0.6439142599, 0.2368828181, 0.0871443187, 0.0320586033]);
    close(softmax(Z, 0.5), [0.8649548768, 0.1170589132, 0.0158422012, 0.0021440088]);
    close(softmax([1000, 0], 1), [1, 0], "nothing overflows");
  },

  "the matrix is that of autograd"() {
    // torch.autograd.functional.jacobian(lambda z: torch.softmax(z / 2, 0), torch.tensor([2., 1., 0., -1.]))
    const found = jacobian(softmax(Z, 2), 2);
    close(found[0], [0.1239899391, -0.062798472, -0.0380891991, -0.0231022671]);
    for (const row of found) close([row.reduce((a, b) => a + b, 0)], [0], "rows add up to 0");
    const step = 1e-5;
    Z.forEach((_, j) => {
      const moved = softmax(Z.with(j, Z[j] + step), 2);
      close(moved.map((value, i) => (value - softmax(Z, 2)[i]) / step / 10), found.map((row) => row[j] / 10), "by differences");
    });
  },

  "cross entropy is that of F.cross_entropy"() {
    // F.cross_entropy(torch.tensor([2., 1., 0., -1.]), torch.tensor(1)), the same with label_smoothing=0.1
    close([crossEntropy(Z, 1, targets(4, 1, 0))], [1.4401896986]);
    close([crossEntropy(Z, 1, targets(4, 1, 0.1))], [1.4901896986]);
    close([crossEntropy([1e4, 0], 1, targets(2, 1, 0))], [1e4], "nothing overflows");
    close([entropy([0.5, 0.5]), entropy([1, 0])], [Math.LN2, 0]);
  },

};
