"""What the browser computes while a finger moves equals PyTorch: graphs, gradients, optimisers."""

import math
import random
import sys
from pathlib import Path

import pytest
import torch

sys.path.append(str(Path(__file__).parents[1] / "playground"))
from formulas import random_formula

from explainer.playground.backpropagation import autograd_gradients, backpropagate
from explainer.playground.descent import KINDS, Run, batches, descend, largest_rate
from explainer.playground.descent_link import preset_run
from explainer.playground.expressions import OPERATIONS, read_formula
from explainer.playground.surfaces import line_data, surfaces
from explainer.render.graph_code import graph_nodes

pytestmark = pytest.mark.e2e

GRAPHS = """async ([root, cases]) => {
  const { forward, backward } = await import(`${root}/explainer/components/shared/graph.js`);
  return cases.map(([nodes, given]) => {
    const values = forward(nodes, given);
    const { gradients, edges } = backward(nodes, values);
    const order = edges.map((e) => [e.source, e.target]);
    return { values: [...values].map(String), gradients: [...gradients].map(String), order };
  });
}"""
WALKS = """async ([root, cases]) => {
  const { surfaceOf } = await import(`${root}/explainer/components/descent_view/surface.js`);
  const { walk } = await import(`${root}/explainer/components/descent_view/optimisers.js`);
  return cases.map((one) => walk(surfaceOf(one.surface), one.start, one.run, one.steps, one.batches));
}"""


@pytest.fixture(scope="module")
def ask(browser, file_server):
    page = browser.new_page()
    page.goto(f"{file_server}/tests/js/")
    yield lambda script, cases: page.evaluate(script, [file_server, cases])
    page.close()


def test_graphs(ask):
    cases = [random_formula(random.Random(seed)) for seed in range(80)]
    for name, operation in OPERATIONS.items():
        if operation.arity == 1 and name != "negate":
            cases += [(f"{name}(a) * a", {"a": a}) for a in (-1.3, 0.0, 0.4)]
    cases += [("a ** b", {"a": a, "b": b}) for a in (-2.0, 0.0, 1.5) for b in (-1.0, 0.0, 2.0)]
    graphs = [(read_formula(text), values) for text, values in cases]
    found = ask(GRAPHS, [[graph_nodes(graph), values] for graph, values in graphs])
    for (graph, values), (text, _), browser in zip(graphs, cases, found, strict=True):
        expected = backpropagate(graph, values)
        numbers = [float(one.replace("Infinity", "inf")) for one in browser["values"]]
        assert numbers == pytest.approx(expected.values, rel=1e-12, abs=1e-15, nan_ok=True), text
        assert browser["order"] == [[edge.source, edge.target] for edge in expected.edges]
        slopes = [float(one.replace("Infinity", "inf")) for one in browser["gradients"]]
        assert slopes == pytest.approx(autograd_gradients(graph, values), rel=1e-9, abs=1e-12, nan_ok=True), (
            f"{text} at {values}"
        )


def test_walks(ask):
    x, y = line_data()
    order = batches(4, 30, seed=2)
    cases, paths = [], []
    for surface in surfaces().values():
        about = {
            "graph": None if surface.has_data else graph_nodes(read_formula(surface.formula)),
            "data": {"x": x.tolist(), "y": y.tolist()} if surface.has_data else None,
        }
        runs = [*(preset_run(surface, kind) for kind in KINDS), Run("sgd", 5.0), Run("momentum", 0.001, 0.0)]
        for chosen in (None, order) if surface.has_data else (None,):
            for run, path in zip(runs, descend(surface, surface.start, runs, 30, chosen), strict=True):
                seen = None if chosen is None else {"size": 4, "order": chosen.flatten().tolist()}
                cases.append(
                    {
                        "surface": about,
                        "start": surface.start,
                        "run": vars(run),
                        "steps": 30,
                        "batches": seen,
                    }
                )
                paths.append(path)
    for case, path, found in zip(cases, paths, ask(WALKS, cases), strict=True):
        said = f"{case['run']}"
        assert found["diverged"] == path.diverged, said
        numbers = torch.tensor(found["points"], dtype=torch.float64).view(-1, 2)
        torch.testing.assert_close(numbers, path.points, rtol=1e-7, atol=1e-9, msg=said)
        losses = torch.tensor([math.nan if v is None else v for v in found["losses"]], dtype=torch.float64)
        known = losses.isfinite() & path.losses.isfinite()
        torch.testing.assert_close(losses[known], path.losses[known], rtol=1e-6, atol=1e-9, msg=said)
        for name, kept in path.memory.items():
            theirs = torch.tensor(found["memory"][name], dtype=torch.float64).view(-1, 2)
            torch.testing.assert_close(theirs, kept, rtol=1e-6, atol=1e-9, msg=f"{said} {name}")


def test_limits_of_the_learning_rate(ask):
    script = """async ([root, cases]) => {
      const { largestRate } = await import(`${root}/explainer/components/descent_view/controls.js`);
      return cases.map(([run, steepest]) => largestRate(run, steepest));
    }"""
    cases = [(Run(kind, 0.1, mu), s) for kind in KINDS for mu in (0.0, 0.9) for s in (4.0, 0.3, -1.0)]
    found = ask(script, [[vars(run), steepest] for run, steepest in cases])
    for (run, steepest), limit in zip(cases, found, strict=True):
        expected = largest_rate(run, steepest)
        assert limit == (None if expected is None else pytest.approx(expected))
